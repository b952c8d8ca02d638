/** What MLflow says when it refuses; the wordings are those of 3.17.2. */
export class Fault extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export const invalid = (message: string) => new Fault(400, 'INVALID_PARAMETER_VALUE', message)
export const absent = (message: string) => new Fault(404, 'RESOURCE_DOES_NOT_EXIST', message)
export const taken = (message: string) => new Fault(400, 'RESOURCE_ALREADY_EXISTS', message)

/** A page such as the framework under MLflow sends. */
export class Page extends Error {
  readonly status: number

  constructor(status: number, title: string) {
    super(`<!doctype html>\n<html lang=en>\n<title>${status} ${title}</title>\n<h1>${title}</h1>\n`)
    this.status = status
  }
}
