import { type ErrorDetails, PressroomError } from '../../errors.ts'

/** The error for a model that does not come in: what it has, where, and what to do. */
export function refuse(what: string, where: string, details: Omit<ErrorDetails, 'where'> = {}) {
  return new PressroomError('not-importable', what, { where, ...details })
}

/** The error for one thing in a pipeline that has no exact counterpart. */
export function inexpressible(where: string, fix: string): PressroomError {
  return refuse('the pipeline has a step that Pressroom cannot do exactly', where, { fix })
}
