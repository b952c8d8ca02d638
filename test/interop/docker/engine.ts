import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, open, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { tempFolder } from '../../support/temp.ts'

const exec = promisify(execFile)

// tini is what `docker run --init` puts first into a container.
const PACKAGES = ['docker.io', 'containerd', 'runc', 'tini']
/** A daemon that has not answered by then will not. */
const START_MS = 60_000

/** A Docker engine of our own, with nothing in it. */
export interface DockerEngine extends AsyncDisposable {
  /** An environment in which `docker` is its client; containers have this machine's network. */
  readonly env: NodeJS.ProcessEnv
  /** Runs `docker` and returns what it printed. */
  docker(...args: string[]): Promise<string>
}

/** Where the engine's files are, or why they cannot be had: Debian's packages, unpacked rather than installed. */
export async function engineFiles(): Promise<{ root: string } | { reason: string }> {
  const root = join(tmpdir(), 'pressroom-interop-docker')
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return { reason: 'a Docker engine of its own needs Linux and root' }
  }
  try {
    await exec('docker', ['--version'])
    await access(join(root, 'done'))
    return { root }
  } catch {
    // Not there yet.
  }
  try {
    await exec('docker', ['--version'])
    await mkdir(root, { recursive: true })
    await exec('apt-get', ['download', ...PACKAGES], { cwd: root })
    for (const name of (await readdir(root)).filter(name => name.endsWith('.deb'))) {
      await exec('dpkg', ['-x', name, '.'], { cwd: root })
    }
    await mkdir(join(root, 'done'))
    return { root }
  } catch (error) {
    return { reason: `no Docker engine: ${(error as Error).message.split('\n', 1)}` }
  }
}

/** Why there is no engine here; undefined when there is one. */
export async function available(): Promise<string | undefined> {
  const files = await engineFiles()
  return 'reason' in files ? files.reason : undefined
}

/**
 * Starts dockerd in a folder of its own; its images, containers and processes go with it.
 * @throws Error with the end of its log when it does not start
 */
export async function startEngine(root: string): Promise<DockerEngine> {
  const folder = await tempFolder()
  const at = (name: string) => join(folder.path, name)
  const binaries = [join(root, 'usr/bin'), join(root, 'usr/sbin')]
  const host = `unix://${at('docker.sock')}`
  // A file, since a pipe that nobody reads for a while would stop the daemon.
  await using log = await open(at('log'), 'w')
  const daemon = spawn(
    join(root, 'usr/sbin/dockerd'),
    [
      ...['--host', host, '--pidfile', at('pid'), '--data-root', at('data'), '--exec-root', at('exec')],
      // No bridge and no rules: this machine's network is nobody's to change.
      ...['--storage-driver', 'overlay2', '--iptables=false', '--bridge=none'],
    ],
    {
      env: { ...process.env, PATH: [...binaries, process.env.PATH].join(delimiter) },
      stdio: ['ignore', 'ignore', log.fd],
    },
  )
  const ended = once(daemon, 'exit')
  const env = { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: at('config'), DOCKER_BUILDKIT: '0' }
  const docker = async (...args: string[]) => {
    return (await exec('docker', args, { env, maxBuffer: 1e8 })).stdout.trim()
  }
  const stop = async () => {
    daemon.kill('SIGTERM')
    await ended
    // The network namespace of containers on the host's network stays behind.
    const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map(line => line.split(' ')[1] ?? '')
    for (const path of mounts.filter(path => path.startsWith(folder.path))) await exec('umount', [path])
    await folder[Symbol.asyncDispose]()
  }
  for (const end = Date.now() + START_MS; ; await sleep(100)) {
    const answered = await docker('info').then(
      () => true,
      () => false,
    )
    if (answered) break
    if (daemon.exitCode === null && Date.now() < end) continue
    const said = (await readFile(at('log'), 'utf8')).slice(-2000)
    await stop()
    throw new Error(`dockerd did not start:\n${said}`)
  }
  return {
    env,
    docker,
    async [Symbol.asyncDispose]() {
      const running = await docker('ps', '--quiet', '--all')
      if (running !== '') await docker('rm', '--force', ...running.split('\n'))
      await stop()
    },
  }
}
