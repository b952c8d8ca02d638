import { type AnyStage, boolean } from '../components/definition/index.ts'

/** The exit status of a command that did what it was asked, and whose verdict is no. */
export const VERDICT_STATUS = 3

/** `help` says whose verdict counts. */
export const exitCodeInput = (help: string) =>
  boolean({ default: false, help: `${help} Errors have a status of their own.` })

/** Whether the stage gave a verdict, and it was no. */
export function isRefusal(
  stage: AnyStage | undefined,
  parameters: Readonly<Record<string, unknown>> = {},
): boolean {
  return stage?.verdict !== undefined && parameters[stage.verdict] === false
}
