import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/**
 * A command written in Go, built into a folder outside the project that later runs find again.
 * @param module as `go install` takes it, with its version
 * @returns the command's path, or why it cannot be had
 */
export async function goCommand(module: string): Promise<{ command: string } | { reason: string }> {
  const [path = '', version = ''] = module.split('@')
  const folder = join(tmpdir(), 'pressroom-interop-go', version)
  const command = join(folder, basename(path))
  try {
    await access(command)
    return { command }
  } catch {
    // Not built yet.
  }
  try {
    await exec('go', ['install', module], { env: { ...process.env, GOBIN: folder }, maxBuffer: 1e8 })
    return { command }
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { reason: `go install ${module}: ${first.slice(0, 200)}` }
  }
}
