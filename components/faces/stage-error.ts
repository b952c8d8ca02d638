import { messageOf, PressroomError } from '../../core/errors.ts'

/** What a stage threw, as an error of ours: a team's own stage may throw anything. */
export function asStageError(stage: string, error: unknown): PressroomError {
  if (error instanceof PressroomError) return error
  const what = messageOf(error)
  return new PressroomError('stage-failed', `${stage} failed: ${what}`, {
    fix: 'run again with --debug for the line it comes from',
    cause: error,
  })
}
