import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { compareGenerated } from './generated.ts'
import { findViolations } from './imports.ts'

/** `npm run check`: everything that can be said of the sources without running them. All parts run; any fault fails. */
const root = resolve(import.meta.dirname, '..')
const parts: readonly (readonly [name: string, check: () => Promise<boolean>])[] = [
  ['types', async () => command('tsc', '--noEmit')],
  ['lint and format', async () => command('biome', 'check', '--error-on-warnings', '.')],
  [
    'import directions',
    async () => report(findViolations(root).map(({ file, imports }) => `${file} must not import ${imports}`)),
  ],
  ['unused exports', async () => command('knip')],
  [
    'generated files',
    async () => {
      const { differences } = await compareGenerated(root)
      const lines = differences.map(({ path, kind }) => `${path} is ${kind}`)
      return report(lines.length === 0 ? [] : [...lines, 'run npm run generate and commit what it changes'])
    },
  ],
]

for (const [name, check] of parts) {
  const passed = await check()
  console.log(`${passed ? 'ok  ' : 'FAIL'} ${name}`)
  if (!passed) process.exitCode = 1
}

function command(name: string, ...args: string[]): boolean {
  const { status, stdout, stderr } = spawnSync(resolve(root, 'node_modules/.bin', name), args, {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) console.log(`${stdout}${stderr}`.trim())
  return status === 0
}

function report(lines: readonly string[]): boolean {
  for (const line of lines) console.log(line)
  return lines.length === 0
}
