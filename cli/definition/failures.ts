import { relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PressroomError } from '../../core/errors.ts'

/** The error for a module without a pipeline. */
export function withoutPipeline(file: string): PressroomError {
  return new PressroomError('invalid-pipeline', `${shown(file)} has no pipeline as its default export`, {
    fix: 'write: export default pipeline({ name: … }, inputs => { … })',
  })
}

/** The error for a definition that threw; names the line of the definition that its stack shows. */
export function broken(file: string, reason: string, stack?: string, cause?: unknown): PressroomError {
  const url = pathToFileURL(file).href
  const frames = stack?.split('\n').filter(line => line.includes(url)) ?? []
  const [at] = frames.flatMap(frame => /(:\d+:\d+)\)?$/.exec(frame)?.[1] ?? [])
  return new PressroomError('invalid-pipeline', `${shown(file)} cannot be loaded`, {
    where: at === undefined ? reason : `${reason} (${shown(file)}${at})`,
    cause,
  })
}

/** The error for a definition that was stopped. */
export function endless(file: string, seconds: number): PressroomError {
  return new PressroomError('invalid-pipeline', `${shown(file)} did not end within ${seconds} s`, {
    where: 'a definition only describes its pipeline; it waits for nothing',
    fix: 'look for an endless loop, a server or an await, or give it longer with --timeout',
  })
}

/** The error for an await that nothing will ever settle. */
export function unsettled(file: string): PressroomError {
  return new PressroomError('invalid-pipeline', `${shown(file)} waits for something that never happens`, {
    where: 'an await at its top level is never settled',
    fix: 'remove the await; a definition only describes its pipeline',
  })
}

/** A path as the user would write it. */
function shown(file: string): string {
  const path = relative(process.cwd(), file)
  return path.startsWith('..') ? file : path
}
