import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { goCommand } from '../go.ts'
import { pythonWith } from '../python.ts'
import type { Checks } from '../suite.ts'
import { withLocalActions, withShas } from './documented.ts'

const exec = promisify(execFile)

const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'
const PACKAGES = ['check-jsonschema==0.39.0', 'zizmor==1.32.0']

/**
 * What finds faults in workflows and actions without running them.
 * @param repository a copy of the checkout, which gets the documented workflows too
 */
export async function checkers(t: Checks, repository: string, documented: readonly string[]): Promise<void> {
  const workflows = globSync('.github/workflows/*.yml', { cwd: repository })
  const actions = globSync(['action.yml', '{.,examples/*}/actions/*/action.yml'], { cwd: repository })
  const write = async (name: string, change: (workflow: string) => string) => {
    await mkdir(join(repository, name))
    const paths = documented.map((_, i) => `${name}/${i}.yml`)
    await Promise.all(paths.map((path, i) => writeFile(join(repository, path), change(documented[i]!))))
    return paths
  }

  const actionlint = await goCommand(ACTIONLINT)
  if ('reason' in actionlint) t.skip('actionlint', actionlint.reason)
  else {
    await t.check('actionlint: our workflows and the documented ones', async () => {
      const local = await write('local', workflow => withShas(withLocalActions(workflow)))
      await tool(repository, actionlint.command, ['-no-color', ...workflows, ...local])
    })
  }
  const python = await pythonWith('actions', PACKAGES)
  if ('reason' in python) return t.skip('check-jsonschema and zizmor', python.reason)
  const bin = dirname(python.python)
  await t.check('check-jsonschema: every action.yml and workflow', async () => {
    for (const [schema, files] of [
      ['actions', actions],
      ['workflows', workflows],
    ] as const) {
      const args = ['--builtin-schema', `vendor.github-${schema}`, ...files]
      await tool(repository, join(bin, 'check-jsonschema'), args)
    }
  })
  await t.check('zizmor: our workflows and the documented ones', async () => {
    const pinned = await write('pinned', withShas)
    const args = [
      '--offline',
      '--no-progress',
      '--persona',
      'auditor',
      '--min-severity',
      'medium',
      ...actions,
      ...workflows,
      ...pinned,
    ]
    await tool(repository, join(bin, 'zizmor'), args)
  })
}

/** Runs a checker; what it found is the error. */
async function tool(cwd: string, command: string, args: readonly string[]): Promise<void> {
  await exec(command, args, { cwd }).catch(({ stdout, stderr }) => {
    throw new Error(`${stdout}${stderr}`)
  })
}
