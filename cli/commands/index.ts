import { STAGES } from '../../components/stages.ts'
import type { Command } from '../command.ts'
import { compile } from './compile/command.ts'
import { models } from './models/command.ts'
import { run } from './run/command.ts'
import { serve } from './serve/command.ts'
import { stageCommand } from './stage.ts'
import { up } from './up/command.ts'

/** Every command, in the order help lists them. */
export const COMMANDS: readonly Command[] = [up, run, compile, models, serve, ...STAGES.map(stageCommand)]
