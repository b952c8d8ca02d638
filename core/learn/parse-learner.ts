import { PressroomError } from '../errors.ts'
import { suggest } from '../nearest.ts'
import { objectIn, shown } from '../object.ts'
import { calibrationParameters } from './calibration/calibrated.ts'
import { randomForestParameters } from './forest-fit.ts'
import { kernelSvmParameters } from './kernel-svm.ts'
import { LEARNER_KINDS, type Learner } from './learner.ts'
import { linearSvmParameters } from './linear-svm.ts'
import { logisticRegressionParameters } from './logistic-regression.ts'
import { mlpParameters } from './mlp-fit.ts'
import { complementNaiveBayesParameters, naiveBayesParameters } from './naive-bayes.ts'
import { nbWeightParameters } from './nb-weighted.ts'
import { faultsOf } from './parameters.ts'

type Given = Record<string, unknown>
type Single = Exclude<Learner, { kind: 'voting' }>

/** What completes and checks each kind's parameters. */
const CHECKS: Readonly<Record<Single['kind'], (given: Given) => unknown>> = {
  'logistic-regression': logisticRegressionParameters,
  'linear-svm': linearSvmParameters,
  'naive-bayes': naiveBayesParameters,
  'complement-naive-bayes': complementNaiveBayesParameters,
  'kernel-svm': kernelSvmParameters,
  mlp: mlpParameters,
  'random-forest': randomForestParameters,
  'nb-weighted': nbWeightParameters,
}
const INNER = ['linear-svm', 'logistic-regression'] as const

/**
 * Checks a learner from outside, a settings file's say.
 * @throws PressroomError `invalid-setting` that lists every fault, by its path
 */
export function parseLearner(input: unknown): Learner {
  const faults: string[] = []
  readLearner(input, 'learner', faults)
  if (faults.length === 0) return input as Learner
  throw new PressroomError('invalid-setting', 'the learner is not valid', {
    where: faults.join('\n  '),
    fix: 'docs/training.md has examples, docs/learning.md what each learner is',
  })
}

function readLearner(input: unknown, at: string, faults: string[]): void {
  const { kind, ...given } = objectIn(input, at, faults)
  if (input === null || typeof input !== 'object') return
  if (!(LEARNER_KINDS as readonly unknown[]).includes(kind)) {
    const near = typeof kind === 'string' ? suggest(kind, LEARNER_KINDS) : ''
    faults.push(`${at}.kind must be ${LEARNER_KINDS.join(', ')}, not ${shown(kind)}${near}`)
    return
  }
  if (kind === 'voting') readVotes(given, at, faults)
  else readSingle(kind as Single['kind'], given, at, faults)
}

function readSingle(kind: Single['kind'], given: Given, at: string, faults: string[]): void {
  const { parameters = {}, calibration = {}, ...rest } = given
  noOthers(rest, at, ['kind', 'parameters', 'calibration'], faults)
  const own = objectIn(parameters, `${at}.parameters`, faults)
  check(
    calibrationParameters,
    objectIn(calibration, `${at}.calibration`, faults),
    `${at}.calibration`,
    faults,
  )
  if (kind !== 'nb-weighted') {
    check(CHECKS[kind], own, `${at}.parameters`, faults)
    return
  }
  const { model = 'linear-svm', parameters: inner = {}, ...weights } = own
  check(CHECKS[kind], weights, `${at}.parameters`, faults)
  const known = INNER.find(name => name === model)
  if (known === undefined) {
    faults.push(`${at}.parameters.model must be ${INNER.join(' or ')}, not ${shown(model)}`)
    return
  }
  const path = `${at}.parameters.parameters`
  check(CHECKS[known], objectIn(inner, path, faults), path, faults)
}

function readVotes({ how, learners, weights, ...rest }: Given, at: string, faults: string[]): void {
  noOthers(rest, at, ['kind', 'how', 'learners', 'weights'], faults)
  if (how !== 'soft' && how !== 'sum') faults.push(`${at}.how must be soft or sum, not ${shown(how)}`)
  if (!Array.isArray(learners) || learners.length === 0) {
    faults.push(`${at}.learners must be a list of learners`)
    return
  }
  learners.forEach((learner, i) => {
    readLearner(learner, `${at}.learners[${i}]`, faults)
  })
  if (weights === undefined) return
  const fit =
    Array.isArray(weights) &&
    weights.length === learners.length &&
    weights.every(weight => Number.isFinite(weight) && weight >= 0) &&
    weights.some(weight => weight > 0)
  if (!fit) faults.push(`${at}.weights must be ${learners.length} numbers from 0 up, not all 0`)
}

function check(complete: (given: Given) => unknown, given: Given, at: string, faults: string[]): void {
  for (const { what, where, fix } of faultsOf(() => complete(given))) {
    const several = where?.split('\n  ')
    faults.push(...(several?.map(line => `${at}: ${line}`) ?? [`${at}: ${what}: ${fix}`]))
  }
}

function noOthers(rest: Given, at: string, known: readonly string[], faults: string[]): void {
  for (const name of Object.keys(rest)) faults.push(`${at} has no ${name}${suggest(name, known)}`)
}
