import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

/** What a fresh Node loads for `import(module)`, a path from the repository's root: paths from there, `node:` modules left out. */
export async function loadedBy(module: string): Promise<string[]> {
  const program = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    await import('./${module}')
    console.log(JSON.stringify(loaded))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: ROOT })
  const urls: string[] = JSON.parse(stdout)
  return urls.filter(url => !url.startsWith('node:')).map(url => url.replace(`file://${ROOT}/`, ''))
}
