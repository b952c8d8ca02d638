import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Row, readRows } from '../../../core/data/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import { readFailure } from '../../../core/storage/failures.ts'
import type { CommandContext } from '../../command.ts'
import { styled } from '../../output.ts'

/** What an import is given, whatever the model comes from. */
export interface Request {
  /** The model's file, and what is in it. */
  readonly name: string
  readonly bytes: Uint8Array
  /** Where the model folder goes. */
  readonly folder: string
  readonly labels: readonly string[] | undefined
  readonly validation: readonly Row[]
}

/** What came of it: an object for `--json`, and for people what the model is and what was found, a line each. */
export interface Outcome {
  readonly found: object
  readonly what: string
  readonly lines: readonly string[]
}

/** `pressroom import sklearn MODEL`, `pressroom import onnx FILE`. */
export async function importModel(context: CommandContext): Promise<void> {
  const { settings, signal } = context
  const name = String(settings.model)
  const labels = settings.labels as readonly string[]
  const request: Request = {
    name,
    folder: join(String(settings.out), 'model'),
    labels: labels.length === 0 ? undefined : labels,
    validation: await validationOf(settings.validation as string | undefined, signal),
    bytes: await readFile(name).catch(error => {
      throw readFailure(error, name)
    }),
  }
  const { found, what, lines } = await importFrom(String(settings.from), request, context)
  if (context.json) return context.print(JSON.stringify({ folder: request.folder, ...found }))
  context.print(`${styled('green', '✓')} import  ${what}`)
  for (const line of [...lines, request.folder]) context.print(`  ${line}`)
}

async function importFrom(from: string, request: Request, context: CommandContext): Promise<Outcome> {
  if (from === 'onnx') return (await import('./onnx.ts')).fromOnnx(request, context.signal)
  return (await import('./sklearn.ts')).fromSklearn(request, context)
}

async function validationOf(path: string | undefined, signal: AbortSignal): Promise<readonly Row[]> {
  if (path === undefined) return []
  const { rows } = await readRows(path, { signal })
  if (rows.length === 0) throw new PressroomError('no-rows', `${path} has no rows`)
  return rows
}
