import type { ModelInfo, Runtime } from '../core/model/index.ts'
import type { ServiceModel, ServiceRollout } from '../core/service-protocol.ts'
import type { Listed } from './host.ts'
import { LIMITS } from './protocols/requests.ts'

/** What a person takes in at a glance. */
const EXAMPLES = 3
const EXAMPLE_CHARACTERS = 140

/** What `/health` answers. */
export interface Health {
  readonly status: 'healthy' | 'unavailable'
  readonly model_type: string | null
  readonly model_version: string | null
  /** As Python writes a timedelta: `2 days, 14:32:18`. */
  readonly uptime: string
  /** ISO 8601, UTC; null before the first. */
  readonly last_prediction: string | null
}

/** Healthy once some version has traffic; the version named is the one with most of it. */
export function describeHealth(
  versions: readonly Listed[],
  seconds: number,
  lastPrediction: Date | undefined,
): Health {
  const main = mainOf(versions)
  return {
    status: main === undefined ? 'unavailable' : 'healthy',
    model_type: main?.model.info.engine ?? null,
    model_version: main?.version ?? null,
    uptime: formatUptime(seconds),
    last_prediction: lastPrediction?.toISOString() ?? null,
  }
}

/** What `/model/info` answers. */
export interface ModelDescription {
  readonly model_name: string
  readonly model_type: string
  readonly version: string
  /** What computes its answers. */
  readonly runtime: Runtime
  /** On the validation rows; null where the folder has none. */
  readonly accuracy: number | null
  readonly categories: readonly string[]
  /** null of a graph from elsewhere, which does not say. */
  readonly feature_count: number | null
  readonly metrics: ModelInfo['metrics']
  readonly fingerprints: ModelInfo['fingerprints']
  /** Loaded version -> share of the requests in percent. */
  readonly traffic: Readonly<Record<string, number>>
  /** Share of the requests that a version gets copies of, in percent; only while one does. */
  readonly shadow?: Readonly<Record<string, number>>
  /** The step of a rollout, while one is under way. */
  readonly rollout?: ServiceRollout
  /** Texts to try. */
  readonly examples: readonly string[]
  readonly limits: typeof LIMITS
}

/** Describes one model: the version with most traffic, how the traffic is split, and what is under way. */
export function describeModel(
  versions: readonly Listed[],
  { shadow, rollout }: Pick<ServiceModel, 'shadow' | 'rollout'> = {},
): ModelDescription | undefined {
  const main = mainOf(versions)
  if (main === undefined) return undefined
  const { info } = main.model
  return {
    model_name: main.name,
    model_type: info.engine,
    version: main.version,
    runtime: main.model.runtime,
    accuracy: info.metrics.validationAccuracy ?? null,
    categories: info.labels,
    feature_count: 'features' in info ? info.features : null,
    metrics: info.metrics,
    fingerprints: info.fingerprints,
    traffic: Object.fromEntries(versions.map(({ version, share }) => [version, share])),
    ...(shadow && { shadow }),
    ...(rollout && { rollout }),
    examples: chooseExamples(info.golden),
    limits: LIMITS,
  }
}

/** One short text of each class, as long as there are some. */
function chooseExamples(golden: ModelInfo['golden']): readonly string[] {
  const byLabel = Map.groupBy(
    golden.filter(({ text }) => text.length <= EXAMPLE_CHARACTERS),
    ({ label }) => label,
  )
  return [...byLabel.values()].slice(0, EXAMPLES).map(([example]) => example!.text)
}

function mainOf(versions: readonly Listed[]): Listed | undefined {
  return versions.filter(({ share }) => share > 0).toSorted((a, b) => b.share - a.share)[0]
}

/** Seconds as Python's `str(timedelta)` writes them: `0:00:07`, `1 day, 3:20:00`. */
export function formatUptime(seconds: number): string {
  const whole = Math.floor(seconds)
  const days = Math.floor(whole / 86_400)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const clock = `${Math.floor((whole % 86_400) / 3600)}:${two((whole % 3600) / 60)}:${two(whole % 60)}`
  return days === 0 ? clock : `${days} ${days === 1 ? 'day' : 'days'}, ${clock}`
}
