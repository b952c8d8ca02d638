import type { AnyStage } from '../../../components/definition/index.ts'
import { STAGES } from '../../../components/stages.ts'
import { PressroomError } from '../../../core/errors.ts'

/**
 * The stages by name: those that ship, and those that the modules export. Definitions only; no stage's code is loaded.
 * @param modules module URLs
 * @throws PressroomError `invalid-stage` when a module cannot be loaded, has no stage, or takes a name that is taken
 */
export async function loadStages(modules: readonly string[]): Promise<ReadonlyMap<string, AnyStage>> {
  const stages = new Map(STAGES.map(stage => [stage.name, stage]))
  for (const url of modules) {
    for (const [, stage] of await stagesIn(url)) {
      if ((stages.get(stage.name) ?? stage) !== stage) {
        throw new PressroomError('invalid-stage', `two stages are called "${stage.name}"`, {
          where: `one of them is in ${url}`,
          fix: 'give it another name',
        })
      }
      stages.set(stage.name, stage)
    }
  }
  return stages
}

/**
 * The stages that a module exports, with the names of the exports.
 * @throws PressroomError `invalid-stage` when it cannot be loaded or has none
 */
export async function stagesIn(url: string): Promise<readonly (readonly [name: string, stage: AnyStage])[]> {
  const own = Object.entries(await load(url)).filter((entry): entry is [string, AnyStage] =>
    isStage(entry[1]),
  )
  if (own.length === 0) throw new PressroomError('invalid-stage', `${url} exports no stage`)
  return own
}

async function load(url: string): Promise<Record<string, unknown>> {
  try {
    return await import(url)
  } catch (error) {
    throw new PressroomError('invalid-stage', `cannot load ${url}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

function isStage(value: unknown): value is AnyStage {
  return typeof value === 'function' && ['inputs', 'outputs', 'run'].every(key => key in value)
}
