import { PressroomError } from '../../core/errors.ts'
import { type CalibrationParameters, type Learner, parseLearner } from '../../core/learn/index.ts'
import type { Precision } from '../../core/model/index.ts'
import { TRAINING_PRESETS } from '../../core/presets.ts'
import { sortKeys } from '../../core/sort-keys.ts'
import { type FeatureSettings, parseFeatureSettings, type VectorizerSettings } from '../../core/text/index.ts'
import type { StageContext } from '../definition/index.ts'
import type { inputs, outputs } from './stage.ts'

type Inputs = StageContext<typeof inputs, typeof outputs>['inputs']
type Single = Exclude<Learner, { kind: 'voting' }>

/** All that shapes a fit beside the rows. */
export interface TrainSettings {
  readonly features: FeatureSettings
  readonly learner: Learner
  readonly precision: Precision
}

/** What is calibrated unless somebody says otherwise: one model of all rows, five folds for its probabilities. */
const CALIBRATION: CalibrationParameters = { method: 'sigmoid', cv: 5, ensemble: false }

/** Learners that are random, and take a seed. */
const SEEDED: readonly string[] = ['linear-svm', 'logistic-regression', 'mlp', 'random-forest']

/**
 * The preset with all that was said put over it; the same bytes come of it whatever the order in which objects were said.
 * @throws PressroomError `invalid-setting` that lists every fault of features and learner
 */
export function resolveSettings(given: Inputs): TrainSettings {
  const preset = given.preset === 'custom' ? undefined : TRAINING_PRESETS[given.preset]
  const faults: string[] = []
  const attempt = <T>(body: () => T): T | undefined => {
    try {
      return body()
    } catch (error) {
      if (!(error instanceof PressroomError)) throw error
      faults.push(...(error.where ?? error.what).split('\n  '))
      return undefined
    }
  }
  const features = attempt(() => {
    const parsed = parseFeatureSettings(sortKeys(given.features) ?? preset?.features ?? {})
    return overrideText(parsed, given, faults)
  })
  const learner = attempt(() => {
    const chosen = sortKeys(given.learner) ?? preset?.learner
    if (chosen !== undefined) return overrideLearner(parseLearner(chosen), given, faults)
    faults.push('preset custom needs a learner')
    return undefined
  })
  if (features !== undefined && learner !== undefined && faults.length === 0) {
    return { features, learner, precision: given.precision ?? preset?.precision ?? 'float32' }
  }
  throw new PressroomError('invalid-setting', 'the settings of train are not valid', {
    where: faults.join('\n  '),
    fix: 'docs/training.md lists the presets and what can be put over them',
  })
}

/** The features, their words read as the plain inputs say. */
function overrideText(features: FeatureSettings, given: Inputs, faults: string[]): FeatureSettings {
  const { ngramMin, ngramMax } = given
  const flat = {
    stopWords: given.stopWords,
    maxFeatures: given.maxFeatures,
    maxDf: given.maxDf,
    minDf: given.minDf,
    sublinearTf: given.sublinearTf,
  }
  const said = Object.fromEntries(Object.entries(flat).filter(([, value]) => value !== undefined))
  if (Object.keys(said).length === 0 && ngramMin === undefined && ngramMax === undefined) return features
  const words = Object.entries(features.text).find(([, { analyzer }]) => analyzer === 'word')
  if (words === undefined) {
    faults.push(`${[...Object.keys(said), 'ngramMin, ngramMax'].join(', ')}: no features read words`)
    return features
  }
  const [name, { norm, ...settings }] = words
  const [fewest, most] = settings.ngramRange
  // A range of which only one end was said keeps within it: ngramMax 1 means single words.
  const ngramRange: readonly [number, number] = [
    ngramMin ?? Math.min(fewest, ngramMax ?? fewest),
    ngramMax ?? Math.max(most, ngramMin ?? most),
  ]
  const changed = { ...settings, norm, ...said, ngramRange } as VectorizerSettings
  return parseFeatureSettings({ ...features, text: { ...features.text, [name]: changed } })
}

function overrideLearner(learner: Learner, given: Inputs, faults: string[]): Learner {
  let reached = 0
  const set = { c: given.c, maxIter: given.maxIterations }
  const changed = eachSingle(learner, single => {
    const [own, put] = parametersOf(single)
    const said: Record<string, unknown> = {}
    if (SEEDED.includes(own.kind)) said.randomState = own.parameters.randomState ?? given.seed
    if (set.maxIter !== undefined && own.kind in MAX_ITER) said.maxIter = set.maxIter
    if (set.c !== undefined && own.kind in HAS_C) {
      said.c = set.c
      reached++
    }
    return put({ ...own.parameters, ...said })
  })
  if (set.c !== undefined && reached !== 1) {
    const why = reached === 0 ? 'the learner has no c' : 'several models vote, each with a c of its own'
    faults.push(`c: ${why}; give learner instead`)
  }
  return parseLearner(withCalibration(changed, given.calibration))
}

const HAS_C = { 'logistic-regression': 1, 'linear-svm': 1, 'kernel-svm': 1 }
const MAX_ITER = { ...HAS_C, mlp: 1 }

/** The learner with every single one in it replaced. */
export function eachSingle(learner: Learner, replace: (learner: Single) => Learner): Learner {
  if (learner.kind !== 'voting') return replace(learner)
  return { ...learner, learners: learner.learners.map(inner => eachSingle(inner, replace)) }
}

/** Where c and its like stand: of NB-weighted models with the model inside. */
function parametersOf(learner: Single) {
  const { kind } = learner
  if (learner.kind !== 'nb-weighted') {
    const parameters = (learner.parameters ?? {}) as Record<string, unknown>
    const put = (parameters: Record<string, unknown>) => {
      return (Object.keys(parameters).length === 0 ? learner : { ...learner, parameters }) as Learner
    }
    return [{ kind: kind as string, parameters }, put] as const
  }
  const outer = learner.parameters ?? { model: 'linear-svm' as const }
  const parameters = (outer.parameters ?? {}) as Record<string, unknown>
  const put = (parameters: Record<string, unknown>) =>
    ({ ...learner, parameters: { ...outer, parameters } }) as Learner
  return [{ kind: outer.model as string, parameters }, put] as const
}

/** `auto` calibrates what has no probabilities of its own; a method all that votes; a learner's own calibration stays. */
function withCalibration(learner: Learner, calibration: Inputs['calibration']): Learner {
  if (calibration === 'none') return learner
  // Where votes are summed, their margins are what is summed.
  if (learner.kind === 'voting' && learner.how === 'sum') return learner
  return eachSingle(learner, single => {
    if (single.calibration !== undefined) return single
    if (calibration !== 'auto') return { ...single, calibration: { ...CALIBRATION, method: calibration } }
    return hasProbabilities(single) ? single : { ...single, calibration: CALIBRATION }
  })
}

function hasProbabilities(learner: Single): boolean {
  if (learner.kind === 'nb-weighted') return learner.parameters?.model === 'logistic-regression'
  return learner.kind !== 'linear-svm' && learner.kind !== 'kernel-svm'
}
