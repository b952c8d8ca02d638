// Generated from stages/drop-near-duplicates/stage.ts by pressroom generate. Do not edit.
import { runStageAction } from 'pressroom-ml/actions'
import { dropNearDuplicates as stage } from '../../stages/drop-near-duplicates/stage.ts'

await runStageAction(stage)
