import { shorten } from '../../core/report/shorten.ts'
import { modelNamedBy, type Receipt } from '../receive/receiver.ts'
import type { ReconcileEvent } from '../reconcile.ts'

/** Something that happened, when last (milliseconds since the epoch), and whether it went wrong. */
export interface Entry {
  readonly at: number
  /** How often in a row. */
  readonly times: number
  readonly line: string
  readonly failed: boolean
}

/** What happened lately, for whoever looks; the deployer itself never reads it, so that losing it loses nothing. */
export interface Journal {
  happened(event: ReconcileEvent): void
  received(receipt: Receipt): void
  /** What the deployer did for one model, newest first; of `undefined`, what concerns them all. */
  of(model: string | undefined): readonly Entry[]
  /** When each version of a model last answered its golden examples, in milliseconds since the epoch. */
  checked(model: string): ReadonlyMap<string, number>
  /** Deliveries, newest first. */
  readonly deliveries: readonly Entry[]
  /** When a pass last ended with everything as it is wanted, or on its way there, in milliseconds since the epoch. */
  readonly settledAt: number | undefined
}

/** Enough to see what led to the present state. */
const KEPT = 20
/** Of a model in a delivery, in one line: names may have a kilobyte, and whoever sends an event chooses it. */
const LONGEST_NAME = 100
/** Models that come and go must not fill the memory. */
const KEPT_MODELS = 2000

/** An empty journal. */
export function createJournal(now: () => number = Date.now): Journal {
  const models = new Map<string | undefined, Entry[]>()
  const checks = new Map<string, Map<string, number>>()
  const deliveries: Entry[] = []
  let settledAt: number | undefined

  function noteCheck({ model, version }: { readonly model: string; readonly version: string }): void {
    const own = checks.get(model) ?? new Map<string, number>()
    own.delete(version)
    own.set(version, now())
    checks.set(model, own)
    if (own.size > KEPT) own.delete(own.keys().next().value!)
  }

  return {
    happened(event) {
      const failed = event.kind === 'failed'
      if (['unchanged', 'serving', 'rolling'].includes(event.kind)) settledAt = now()
      // Each minute, and of no model.
      if (event.kind === 'unchanged') return
      const model = modelOf(event)
      const entries = models.get(model) ?? []
      // At the end of the map, so that the first is the model of which nothing was heard for longest.
      models.delete(model)
      models.set(model, entries)
      if (models.size > KEPT_MODELS) {
        const oldest = models.keys().next().value
        models.delete(oldest)
        if (oldest !== undefined) checks.delete(oldest)
      }
      if (event.kind === 'step' && event.step.do === 'check') noteCheck(event.step)
      keep(entries, { at: now(), times: 1, line: event.line, failed })
    },
    received({ outcome, status, reason, event }) {
      // Not a delivery: whoever walks the internet's addresses would push out what is.
      if (status === 404 || status === 405) return
      const what =
        event === undefined
          ? outcome
          : `${outcome}: ${event.entity}.${event.action} ${shorten(modelNamedBy(event) ?? '', LONGEST_NAME)}`
      keep(deliveries, { at: now(), times: 1, line: `${what} (${reason})`, failed: status >= 400 })
    },
    of: model => models.get(model) ?? [],
    checked: model => checks.get(model) ?? new Map(),
    deliveries,
    get settledAt() {
      return settledAt
    },
  }
}

/** The model that an event of a pass is about; undefined when it is about all. */
export function modelOf(event: ReconcileEvent): string | undefined {
  if ('step' in event) return event.step.model
  if ('failure' in event) return event.failure.model
  return 'model' in event ? event.model : undefined
}

function keep(entries: Entry[], entry: Entry): void {
  const [last] = entries
  if (last?.line === entry.line) entries[0] = { ...entry, times: last.times + 1 }
  else entries.unshift(entry)
  entries.length = Math.min(entries.length, KEPT)
}
