import { STAGES } from '../../components/stages.ts'
import type { Command } from '../command.ts'
import { cache } from './cache/command.ts'
import { compile } from './compile/command.ts'
import { kubeflow } from './kubeflow/command.ts'
import { models } from './models/command.ts'
import { run } from './run/command.ts'
import { runs } from './runs/command.ts'
import { serve } from './serve/command.ts'
import { stageCommand } from './stage.ts'
import { types } from './types/command.ts'
import { up } from './up/command.ts'

/** Every command, in the order help lists them. */
export const COMMANDS: readonly Command[] = [
  up,
  run,
  runs,
  cache,
  compile,
  types,
  kubeflow,
  models,
  serve,
  ...STAGES.map(stageCommand),
]
