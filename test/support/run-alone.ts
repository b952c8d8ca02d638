import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve(import.meta.dirname, '../..')

/** Runs a script in a Node of its own that writes down every module it is asked for and lacks `absent`. */
export async function runAlone(script: string, absent = 'none'): Promise<unknown> {
  const source = `
    import { registerHooks } from 'node:module'
    const asked = []
    registerHooks({ resolve(specifier, context, next) {
      asked.push(specifier)
      if (specifier !== ${JSON.stringify(absent)}) return next(specifier, context)
      throw Object.assign(new Error('absent'), { code: 'ERR_MODULE_NOT_FOUND' })
    } })
    ${script}`
  const args = ['--input-type=module', '--eval', source]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT })
  return JSON.parse(stdout)
}
