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
    const own = Object.values(await load(url)).filter(isStage)
    if (own.length === 0) throw new PressroomError('invalid-stage', `${url} exports no stage`)
    for (const stage of own) {
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
