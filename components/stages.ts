import { choose } from './choose/stage.ts'
import { compare } from './compare/stage.ts'
import type { AnyStage } from './definition/index.ts'
import { evaluate } from './evaluate/stage.ts'
import { ingest } from './ingest/stage.ts'
import { predict } from './predict/stage.ts'
import { promote } from './promote/stage.ts'
import { register } from './register/stage.ts'
import { train } from './train/stage.ts'
import { tune } from './tune/stage.ts'
import { validate } from './validate/stage.ts'

/** The shipped stages, in the order a row meets them. Every generator and every lookup goes by this list. */
export const STAGES: readonly AnyStage[] = [
  ingest,
  compare,
  tune,
  choose,
  train,
  evaluate,
  validate,
  register,
  promote,
  predict,
]

/** The shipped stage of that name, or undefined. */
export function findStage(name: string): AnyStage | undefined {
  return STAGES.find(stage => stage.name === name)
}
