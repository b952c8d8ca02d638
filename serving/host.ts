import { resolve } from 'node:path'
import { PressroomError } from '../core/errors.ts'
import type { Model } from '../core/model/index.ts'
import type { ServiceMeasured, ServiceModel, ServiceRollout, ServiceState } from '../core/service-protocol.ts'
import { type Served, Slot } from './slot.ts'
import { chooseVersion, parseTraffic, type Traffic } from './traffic.ts'

/** A loaded version and its share of the requests in percent. */
export interface Listed extends Served {
  readonly share: number
}

interface Serving {
  readonly slots: Map<string, Slot>
  traffic: Traffic
  /** Percent of the requests that a version gets copies of. */
  shadow: Traffic
  rollout: ServiceRollout | undefined
  /** Requests answered so far; the next one's turn. */
  turn: number
}

/**
 * Holds versions of models and says which one answers. A request keeps the version it began with: traffic moves for
 * new requests only, and a version is disposed after the last request that it is answering.
 */
export class ModelHost implements AsyncDisposable {
  readonly #load: (folder: string) => Promise<Model>
  readonly #models = new Map<string, Serving>()
  readonly #loading = new Map<string, Loading>()
  #closed = false

  /** @param load opens a model folder: core/model's `loadModel` */
  constructor(load: (folder: string) => Promise<Model>) {
    this.#load = load
  }

  /**
   * Loads a version beside those already there; it gets no traffic yet. Repeating it changes nothing, and a folder that
   * cannot be loaded changes nothing either.
   * @throws PressroomError what loading throws, or `deployment-failed` when the version is loaded from another folder
   */
  async load(name: string, version: string, folder: string): Promise<void> {
    const path = resolve(folder)
    const key = JSON.stringify([name, version])
    const known = this.#models.get(name)?.slots.get(version) ?? this.#loading.get(key)
    if (known !== undefined && known.folder !== path) {
      throw new PressroomError(
        'deployment-failed',
        `${name} ${version} is already loaded from another folder`,
        {
          where: known.folder,
          fix: 'unload it first, or give the new folder a version of its own',
        },
      )
    }
    if (known instanceof Slot) return
    if (known !== undefined) return known.done
    const done = this.#open(name, version, path).finally(() => this.#loading.delete(key))
    this.#loading.set(key, { folder: path, done })
    return done
  }

  async #open(name: string, version: string, folder: string): Promise<void> {
    const model = await this.#load(folder)
    if (this.#closed) {
      await model[Symbol.asyncDispose]()
      throw new PressroomError('cancelled', `the service stopped while ${name} ${version} was loading`)
    }
    const serving = this.#models.get(name) ?? {
      slots: new Map(),
      traffic: {},
      shadow: {},
      rollout: undefined,
      turn: 0,
    }
    serving.slots.set(version, new Slot({ name, version, folder, model }))
    this.#models.set(name, serving)
  }

  /**
   * Replaces a model's traffic split, for new requests, at once, and with it what is kept of a rollout. What was counted before is in no
   * window that begins with that step.
   * @throws PressroomError `invalid-setting` when it does not sum to 100 or names a version that is not loaded
   */
  setTraffic(name: string, split: Traffic, rollout?: ServiceRollout): void {
    const serving = this.#models.get(name)
    const traffic = parseTraffic(split, [...(serving?.slots.keys() ?? [])], name)
    if (serving === undefined) return
    // A step that is taken again goes on.
    if (rollout !== undefined && rollout.since !== serving.rollout?.since) {
      for (const { tally } of serving.slots.values()) tally.begin(rollout.since)
    }
    Object.assign(serving, { traffic, rollout })
  }

  /**
   * Gives a version copies of this percent of the model's requests, their answers dropped; 0 ends it.
   * @throws PressroomError `invalid-setting` when the share is no whole percentage, or the version is not loaded
   */
  setShadow(name: string, version: string, share: number): void {
    const serving = this.#models.get(name)
    const loaded = [...(serving?.slots.keys() ?? [])]
    if (share !== 0) parseTraffic({ [version]: share, rest: 100 - share }, [...loaded, 'rest'], name)
    if (serving === undefined) return
    const { [version]: _, ...others } = serving.shadow
    serving.shadow = share === 0 ? others : { ...others, [version]: share }
  }

  /** What one version answered between two times, in milliseconds since the epoch; undefined when nothing. */
  measure(name: string, version: string, from: number, to: number): ServiceMeasured | undefined {
    return this.#models.get(name)?.slots.get(version)?.tally.measure(from, to)
  }

  /**
   * Drops a version, after the requests it is answering; one that is not loaded is dropped already.
   * @throws PressroomError `deployment-failed` while the version has traffic
   */
  async unload(name: string, version: string): Promise<void> {
    const serving = this.#models.get(name)
    const slot = serving?.slots.get(version)
    if (serving === undefined || slot === undefined) return
    const share = serving.traffic[version]
    if (share !== undefined) {
      throw new PressroomError('deployment-failed', `${name} ${version} still takes ${share} % of requests`, {
        fix: 'move its traffic first',
      })
    }
    this.setShadow(name, version, 0)
    serving.slots.delete(version)
    if (serving.slots.size === 0) this.#models.delete(name)
    await slot.retire()
  }

  /** Drops a model with all of its versions, after the requests that they are answering; one that is not there is dropped already. */
  async retire(name: string): Promise<void> {
    const slots = [...(this.#models.get(name)?.slots.values() ?? [])]
    this.#models.delete(name)
    await Promise.all(slots.map(slot => slot.retire()))
  }

  /** Loads a version, gives it all traffic and drops the versions that had it. */
  async swap(name: string, version: string, folder: string): Promise<void> {
    await this.load(name, version, folder)
    const replaced = Object.keys(this.#models.get(name)?.traffic ?? {}).filter(other => other !== version)
    this.setTraffic(name, { [version]: 100 })
    await Promise.all(replaced.map(other => this.unload(name, other)))
  }

  /**
   * Lets the version whose turn it is do `work`. Without a name, the only model answers.
   * @throws PressroomError `not-served` when nothing can answer, `invalid-request` as {@link ModelHost.resolve} does
   */
  async use<T>(name: string | undefined, work: (served: Served) => Promise<T>): Promise<T> {
    const serving = this.#models.get(this.resolve(name))
    if (serving === undefined || Object.keys(serving.traffic).length === 0) throw notServed()
    const turn = serving.turn++
    const version = chooseVersion(serving.traffic, turn)
    const answer = serving.slots.get(version)!.answer(work)
    const shadows = Object.entries(serving.shadow)
    if (shadows.length > 0) shadowAfter(answer, serving, shadows, turn, work)
    return answer
  }

  /**
   * Lets one version do `work`, traffic or not.
   * @throws PressroomError `not-served` when it is not loaded
   */
  async useVersion<T>(name: string, version: string, work: (served: Served) => Promise<T>): Promise<T> {
    const slot = this.#models.get(name)?.slots.get(version)
    if (slot === undefined) {
      throw new PressroomError('not-served', `${name} ${version} is not loaded`, { fix: 'load it first' })
    }
    return slot.use(work)
  }

  /**
   * Asks every loaded version of a model whether it would have been right, and counts it: a label tells as much of a version that gets
   * no requests as of one that does. One that fails was not right.
   * @throws PressroomError `not-served` when no version is loaded, `invalid-request` as {@link ModelHost.resolve} does
   */
  async feedback(
    name: string | undefined,
    isRight: (served: Served) => Promise<boolean>,
  ): Promise<readonly (readonly [Served, boolean])[]> {
    const slots = [...(this.#models.get(this.resolve(name))?.slots.values() ?? [])]
    if (slots.length === 0) throw notServed()
    return Promise.all(
      slots.map(async slot => {
        const right = await slot.use(isRight).catch(() => false)
        slot.tally.label(right)
        return [slot.served, right] as const
      }),
    )
  }

  /**
   * The model that a request means: the one it names, or the only one; '' while there is none.
   * @throws PressroomError `invalid-request`
   */
  resolve(name: string | undefined): string {
    const names = [...this.#models.keys()]
    if (name === undefined) {
      if (names.length < 2) return names[0] ?? ''
      throw new PressroomError('invalid-request', 'several models are served here', {
        where: `they are: ${names.join(', ')}`,
        fix: `name one: ?model=${names[0]}`,
      })
    }
    if (names.includes(name) || names.length === 0) return name
    throw new PressroomError('invalid-request', `no model "${name}" is served here`, {
      where: `there is: ${names.join(', ')}`,
    })
  }

  /** Every loaded version, of one model or of all. */
  list(name?: string): readonly Listed[] {
    const chosen = name === undefined ? [...this.#models.values()] : [this.#models.get(name)]
    return chosen.flatMap(serving =>
      [...(serving?.slots.values() ?? [])].map(slot => ({
        ...slot.served,
        share: serving?.traffic[slot.served.version] ?? 0,
      })),
    )
  }

  /** What `observe` answers. */
  state(): ServiceState {
    const models = [...this.#models].map(([name, { slots, traffic, shadow, rollout }]) => {
      const model: ServiceModel = {
        versions: [...slots.keys()],
        traffic,
        ...(Object.keys(shadow).length > 0 && { shadow }),
        ...(rollout && { rollout }),
      }
      return [name, model]
    })
    return { models: Object.fromEntries(models) }
  }

  /** Takes no more requests, waits for those under way and disposes every model. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const slots = [...this.#models.values()].flatMap(serving => [...serving.slots.values()])
    this.#models.clear()
    await Promise.all(slots.map(slot => slot.retire()))
  }
}

/** Lets the versions in the shadow do the same work once the answer is made, so that it never waits for them. */
function shadowAfter<T>(
  answer: Promise<T>,
  { slots }: Serving,
  shadows: readonly (readonly [version: string, share: number])[],
  turn: number,
  work: (served: Served) => Promise<T>,
): void {
  const copy = () => {
    for (const [version, share] of shadows) {
      const chosen = chooseVersion({ [version]: share, none: 100 - share }, turn) === version
      // A version that was dropped meanwhile gets no copy; one that fails has it in its tally, and nobody else.
      if (chosen)
        slots
          .get(version)
          ?.answer(work)
          .catch(() => {})
    }
  }
  answer.then(copy, copy)
}

/** The error while no version has traffic. */
export function notServed(): PressroomError {
  return new PressroomError('not-served', 'no model answers yet', {
    fix: 'try again when /health says healthy',
  })
}

interface Loading {
  readonly folder: string
  readonly done: Promise<void>
}
