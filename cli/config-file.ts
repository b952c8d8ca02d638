import { readFile } from 'node:fs/promises'
import type { Json } from '../components/definition/index.ts'
import { PressroomError, systemCode } from '../core/errors.ts'
import type { Command } from './command.ts'

/** The settings file: for each command, values by input; and those that all commands share. */
export interface Config {
  readonly file: string
  readonly sections: Sections
  readonly shared?: Sections[string]
}

export type Sections = Readonly<Record<string, Readonly<Record<string, Json>>>>

/** Gives all commands: those that ship, and where a name is none of these, those of a team's own stages. */
export type LoadCommands = (names: readonly string[]) => Promise<readonly Command[]>

/** The file that is read when it is there and no other is named. */
export const DEFAULT_CONFIG = 'pressroom.yaml'

/**
 * Reads the settings file and checks it against the generated schema.
 * @param path as given with --config; undefined reads `pressroom.yaml` if there is one
 * @throws PressroomError `file-not-found`, `not-readable`, `invalid-setting` with every fault of the file
 */
export async function readConfig(
  path: string | undefined,
  loadCommands: LoadCommands,
): Promise<Config | undefined> {
  const file = path ?? DEFAULT_CONFIG
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' && path === undefined) return undefined
    if (systemCode(error) === 'ENOENT') {
      throw new PressroomError('file-not-found', `no settings file ${file}`, {
        fix: 'check what follows --config',
      })
    }
    throw new PressroomError('not-readable', `cannot read the settings file ${file}`, { cause: error })
  })
  if (text === undefined) return undefined
  // Loaded only where there is a file: most runs have none.
  const { checkConfig } = await import('./config-check.ts')
  return { file, ...(await checkConfig(text, file, loadCommands)) }
}
