import { execFile } from 'node:child_process'
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)

const KUBERNETES = '1.36.0'
const ETCD = '3.6.5'

export interface KubernetesPrograms {
  readonly apiserver: string
  readonly etcd: string
}

/**
 * kube-apiserver and etcd, built from their Go modules into a folder outside the project that later runs find again. The
 * first build takes about six minutes on two cores, and 1.8 GiB.
 * @returns their paths, or why they cannot be had
 */
export async function kubernetesPrograms(): Promise<KubernetesPrograms | { reason: string }> {
  const folder = join(tmpdir(), 'pressroom-interop-kubernetes', `${KUBERNETES}+${ETCD}`)
  try {
    await mkdir(folder, { recursive: true })
    const etcd = await built(folder, 'etcd', 'go.etcd.io/etcd/server/v3', () =>
      goMod(['go.etcd.io/etcd/server/v3', `v${ETCD}`]),
    )
    const apiserver = await built(
      folder,
      'kube-apiserver',
      'k8s.io/kubernetes/cmd/kube-apiserver',
      kubernetesMod,
    )
    return { apiserver, etcd }
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string }
    return {
      reason: `cannot be built with Go: ${(stderr || message).trim().split('\n').at(-1)?.slice(0, 300)}`,
    }
  }
}

async function built(
  folder: string,
  name: string,
  path: string,
  mod: () => string | Promise<string>,
): Promise<string> {
  const command = join(folder, name)
  try {
    await access(command)
    return command
  } catch {
    // Not built yet.
  }
  const cwd = join(folder, `${name}-module`)
  await mkdir(cwd, { recursive: true })
  await writeFile(join(cwd, 'go.mod'), await mod())
  // Whoever else wants the cores goes first.
  await exec('nice', ['-n', '10', 'go', 'build', '-mod=mod', '-o', `${command}.part`, path], {
    cwd,
    maxBuffer: 1e8,
  })
  await rename(`${command}.part`, command)
  return command
}

/**
 * The module's own go.mod replaces its staging modules by folders that are not in the module (k8s.io/kubernetes/go.mod);
 * they are published one by one as v0.x.y.
 */
async function kubernetesMod(): Promise<string> {
  const { stdout } = await exec('go', ['mod', 'download', '-json', `k8s.io/kubernetes@v${KUBERNETES}`], {
    cwd: tmpdir(),
    maxBuffer: 1e8,
  })
  const { GoMod } = JSON.parse(stdout) as { readonly GoMod: string }
  const staged = [...(await readFile(GoMod, 'utf8')).matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging\//gm)]
  const version = KUBERNETES.replace(/^1\./, 'v0.')
  const replaced = staged.map(([, name]) => `replace ${name} => ${name} ${version}\n`).join('')
  return goMod(['k8s.io/kubernetes', `v${KUBERNETES}`]) + replaced
}

function goMod([path, version]: readonly [string, string]): string {
  return `module interop\n\ngo 1.26\n\nrequire ${path} ${version}\n\n`
}
