import type { ServiceMeasured } from '../core/service-protocol.ts'

/** Counts are kept by spans of this many milliseconds, as many as make an hour of being asked all the time. */
const SPAN_MS = 10_000
const SPANS = 360
/** Older ones are gathered in longer spans, as many as make a day: a rollout at night waits until morning for its requests. */
const LONG_SPAN_MS = 600_000
const LONG_SPANS = 144
/** Times are kept in classes, each a quarter of a doubling wide, from a tenth of a millisecond to about a minute and a half. */
const SHORTEST_MS = 0.1
const PER_DOUBLING = 4
const CLASSES = 80

interface Span {
  readonly start: number
  /** No longer in it; before its time where a step of a rollout began. */
  end: number
  requests: number
  failed: number
  labelled: number
  right: number
  readonly times: Uint32Array
}

/**
 * What one version answered in the last hour, and in less detail in the last day: how often, how often it failed or was wrong, how long
 * it took. Spans without a request take no place. A few hundred kB at most.
 */
export class Tally {
  readonly #spans: Span[] = []
  readonly #long: Span[] = []

  /** @param now milliseconds since the epoch */
  add(milliseconds: number, failed: boolean, now = Date.now()): void {
    const span = this.#spanAt(now)
    span.requests += 1
    if (failed) span.failed += 1
    const at = Math.ceil(PER_DOUBLING * Math.log2(milliseconds / SHORTEST_MS))
    span.times[Math.min(Math.max(at, 0), CLASSES - 1)]! += 1
  }

  /** Counts a text that somebody labelled. It is no request. */
  label(right: boolean, now = Date.now()): void {
    const span = this.#spanAt(now)
    span.labelled += 1
    if (right) span.right += 1
  }

  /**
   * Begins a step of a rollout: nothing that was counted up to now is in a window from `since` on, since the traffic had not moved.
   * @param since when the step was decided on, in milliseconds since the epoch; a little ago
   */
  begin(since: number): void {
    for (const span of this.#spans) span.end = Math.min(span.end, since)
  }

  /**
   * The requests of a window. Where that begins with a step, {@link Tally.begin}, it is exact; else it begins with the span of ten
   * seconds that `from` is in. Of what is older than an hour, whole spans of ten minutes.
   * @returns `p99` is the upper bound of its class: at most 19 % above the true value. Undefined when there was neither a request nor a
   * label; what is of none of them is left out.
   */
  measure(from: number, to: number): ServiceMeasured | undefined {
    const spans = [
      ...this.#long.filter(({ start }) => start >= from && start <= to),
      ...this.#spans.filter(({ start, end }) => end > from && start <= to),
    ]
    const requests = sum(spans.map(span => span.requests))
    const labelled = sum(spans.map(span => span.labelled))
    const accuracy = sum(spans.map(span => span.right)) / labelled
    const known = labelled > 0 ? { labelled, accuracy } : {}
    if (requests === 0) return labelled > 0 ? { requests, ...known } : undefined
    const errorRate = sum(spans.map(span => span.failed)) / requests
    let left = requests * 0.01
    let at = CLASSES - 1
    for (; at > 0; at--) {
      left -= sum(spans.map(({ times }) => times[at]!))
      if (left < 0) break
    }
    return { requests, errorRate, p99: SHORTEST_MS * 2 ** (at / PER_DOUBLING), ...known }
  }

  #spanAt(now: number): Span {
    const span = lastAt(this.#spans, now, SPAN_MS)
    if (this.#spans.length > SPANS) this.#gather(this.#spans.shift()!)
    return span
  }

  #gather(old: Span): void {
    const span = lastAt(this.#long, old.start, LONG_SPAN_MS)
    span.requests += old.requests
    span.failed += old.failed
    span.labelled += old.labelled
    span.right += old.right
    for (let at = 0; at < CLASSES; at++) span.times[at]! += old.times[at]!
    if (this.#long.length > LONG_SPANS) this.#long.shift()
  }
}

/** The last span when the time is in it, else a new one, of so many milliseconds. */
function lastAt(spans: Span[], time: number, length: number): Span {
  const start = time - (time % length)
  const end = start + length
  const last = spans.at(-1)
  if (last?.start === start && last.end === end) return last
  const span = { start, end, requests: 0, failed: 0, labelled: 0, right: 0, times: new Uint32Array(CLASSES) }
  spans.push(span)
  return span
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
