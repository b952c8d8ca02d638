import { globSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseText } from '../components/definition/check.ts'
import type { AnyStage, Json } from '../components/definition/index.ts'
import { counted } from '../core/counted.ts'
import { messageOf, PressroomError } from '../core/errors.ts'
import { stagesIn } from '../pipelines/runners/local/stages.ts'
import { DEFAULT_CONFIG } from './config-file.ts'

/** A stage that a team registers, and where it is defined. */
export interface OwnStage {
  readonly stage: AnyStage
  /** The module, from the working folder, with slashes. */
  readonly file: string
  /** The name that the module exports it by. */
  readonly export: string
}

const ENDINGS = '{ts,mts,js,mjs}'

/**
 * What a team registers for every command: PRESSROOM_STAGES, else `stages` of the settings file. Nothing else ever names a
 * module that is loaded: no pipeline, and no compiled file.
 * @param config the settings file that a command line names
 */
export async function registeredPaths(env: NodeJS.ProcessEnv, config?: string): Promise<readonly string[]> {
  if (env.PRESSROOM_STAGES) return textsOf(parseText('list', env.PRESSROOM_STAGES))
  const text = await readFile(config ?? DEFAULT_CONFIG, 'utf8').catch(() => '')
  if (!/^['"]?stages\b/m.test(text)) return []
  const { loadAll } = await import('js-yaml')
  try {
    return textsOf((loadAll(text)[0] as { stages?: Json }).stages ?? [])
  } catch {
    // Whoever reads the settings says what is wrong with the file.
    return []
  }
}

/**
 * The modules that paths stand for, as URLs.
 * @throws PressroomError `file-not-found` naming each path that stands for none
 */
export async function stageModules(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(modulesAt))
  const missing = paths.filter((_, i) => found[i]!.length === 0)
  if (missing.length > 0) {
    throw new PressroomError('file-not-found', `there are no stages in ${missing.join(', ')}`, {
      fix: 'name a module, or a folder with an index.ts or with a NAME/stage.ts for each stage',
    })
  }
  return [...new Set(found.flat())].map(path => pathToFileURL(path).href)
}

/**
 * Loads the stages of modules: definitions only.
 * @param taken names that are a command's
 * @throws PressroomError `invalid-stage` with all that is wrong with all of them; `file-not-found`
 */
export async function loadOwnStages(
  paths: readonly string[],
  taken: ReadonlySet<string>,
): Promise<readonly OwnStage[]> {
  const stages: OwnStage[] = []
  const faults: string[] = []
  for (const url of await stageModules(paths)) {
    const file = shown(url)
    try {
      for (const [name, stage] of await stagesIn(url)) stages.push({ stage, file, export: name })
    } catch (error) {
      faults.push(`${file}: ${faultOf(error, url)}`)
    }
  }
  const owners = new Map<string, OwnStage>()
  for (const own of stages) {
    const { name } = own.stage
    const other = owners.get(name)
    if (taken.has(name)) faults.push(`${own.file}: "${name}" is a command of Pressroom; give it another name`)
    else if (other !== undefined && other.stage !== own.stage) {
      faults.push(`${own.file}: "${name}" is also in ${other.file}; give it another name`)
    }
    owners.set(name, other ?? own)
  }
  if (faults.length > 0) {
    const what = `${counted(faults.length, 'fault')} in stages of your own`
    throw new PressroomError('invalid-stage', what, { where: faults.join('\n  ') })
  }
  return [...owners.values()]
}

async function modulesAt(path: string): Promise<string[]> {
  const full = resolve(path)
  const found = await stat(full).catch(() => undefined)
  if (found === undefined) return []
  if (!found.isDirectory()) return [full]
  const named = (pattern: string) => globSync(pattern, { cwd: full }).sort()
  const index = named(`index.${ENDINGS}`).slice(0, 1)
  return (index.length > 0 ? index : named(`*/stage.${ENDINGS}`)).map(name => join(full, name))
}

/** What is wrong with a module in one line: the faults of its stages, or whatever its code threw. */
function faultOf(error: unknown, url: string): string {
  if (!(error instanceof PressroomError)) return messageOf(error)
  const { what, where } = error.cause instanceof PressroomError ? error.cause : error
  return `${what.replace(url, 'it')}${where === undefined ? '' : `: ${where.replaceAll('\n  ', '; ')}`}`
}

function shown(url: string): string {
  return relative(process.cwd(), new URL(url).pathname).replaceAll(sep, '/')
}

function textsOf(value: Json): readonly string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
}
