import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/**
 * A Python with the packages, in a virtual environment outside the project that later runs find again.
 * @param packages as pip takes them, versions pinned
 * @returns the interpreter's path, or why it cannot be had
 */
export async function pythonWith(
  name: string,
  packages: readonly string[],
): Promise<{ python: string } | { reason: string }> {
  const folder = join(tmpdir(), `pressroom-interop-${name}`)
  const python = join(folder, 'bin', 'python')
  const marker = join(folder, packages.join('_').replaceAll(/[^\w.=-]/g, '-'))
  if (await exists(marker)) return { python }
  try {
    await exec('python3', ['-m', 'venv', folder])
    await exec(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], {
      maxBuffer: 1e8,
    })
    await exec('touch', [marker])
    return { python }
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { reason: `Python packages ${packages.join(', ')} cannot be installed: ${first.slice(0, 200)}` }
  }
}

/**
 * Runs one of the scripts beside this file.
 * @returns what it printed
 * @throws Error with what it printed, when it failed
 */
export async function runScript(python: string, script: string, ...args: readonly string[]): Promise<string> {
  const path = join(import.meta.dirname, script)
  const { stdout } = await exec(python, [path, ...args], { maxBuffer: 1e9 }).catch(({ stdout, stderr }) => {
    throw new Error(`${script}: ${stdout}${stderr}`)
  })
  return stdout
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
