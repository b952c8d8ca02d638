import { PressroomError } from '../../core/errors.ts'

interface Fault {
  readonly where: string
  readonly what: string
  readonly fix: string
}

/** Characters; one long quotation must not push every other line's remedy out of sight. */
const WIDEST = 64

/** Gathers what is wrong with a pipeline, so that all of it is reported at once. */
export class Faults {
  readonly #faults: Fault[]
  readonly #place: string

  /** @param place what stands before every `where`: the names of the pipelines around */
  constructor(place = '', faults: Fault[] = []) {
    this.#place = place
    this.#faults = faults
  }

  /** How many there are, in the pipelines around too. */
  get count(): number {
    return this.#faults.length
  }

  /** The same faults, for a pipeline inside. */
  within(place: string): Faults {
    return new Faults(`${this.#place}${place}: `, this.#faults)
  }

  /** `where` names task and input, `what` goes on as its sentence, `fix` says what to do. */
  add(where: string, what: string, fix: string): void {
    this.#faults.push({ where: this.#place + where, what, fix })
  }

  /** @throws PressroomError `invalid-pipeline`, a line a fault, when there is one */
  throwIfAny(pipeline: string): void {
    const faults = this.#faults
    if (faults.length === 0) return
    const where = Math.max(...faults.map(fault => fault.where.length))
    const what = Math.min(WIDEST, Math.max(...faults.map(fault => fault.what.length)))
    const lines = faults.map(fault => {
      return `${fault.where.padEnd(where)}   ${fault.what.padEnd(what)}   ${fault.fix}`
    })
    const count = faults.length === 1 ? '1 problem' : `${faults.length} problems`
    throw new PressroomError('invalid-pipeline', `pipeline ${JSON.stringify(pipeline)} has ${count}`, {
      where: lines.join('\n  '),
    })
  }
}
