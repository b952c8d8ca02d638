import { STAGES } from '../../components/stages.ts'
import type { Command } from '../command.ts'
import { OWN_COMMANDS } from './own.ts'
import { stageCommand } from './stage.ts'

/** Every command, in the order help lists them. */
export const COMMANDS: readonly Command[] = [
  ...(await Promise.all(Object.values(OWN_COMMANDS).map(load => load()))),
  ...STAGES.map(stageCommand),
]
