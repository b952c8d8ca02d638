import { aShare, type Decoded, maybe, objectWith } from '../../core/decode.ts'
import { formatShare } from '../../core/report/numbers.ts'
import type { Rivalry } from './champion.ts'

const aBaseline = objectWith({ accuracy: aShare })

/** The part of evaluate's metrics that the rules look at. */
export const someMetrics = objectWith({
  accuracy: aShare,
  macroF1: aShare,
  baselines: maybe(objectWith({ majority: aBaseline, naiveBayes: aBaseline })),
})

/** What a model must reach, as shares. */
export interface Rules {
  readonly minAccuracy: number
  readonly minMacroF1: number
  /** How far above the best baseline the accuracy must lie. */
  readonly margin: number
  /** What the model must be beside the champion. */
  readonly against: 'not-worse' | 'better'
  /** A difference with a p below this counts. */
  readonly significance: number
}

/** 0.84 + 0.02 is not quite .86 in binary; a rule is not missed by that. */
const ROUNDING = 1e-12

/**
 * Says whether a model may go on, in one sentence that names every rule it misses. Without baselines the margin is no rule,
 * unless it is above 0: then somebody asked for a comparison that cannot be made, and the model does not pass. A first model
 * has no champion to be measured by.
 */
export function giveVerdict(
  { accuracy, macroF1, baselines }: Decoded<typeof someMetrics>,
  { minAccuracy, minMacroF1, margin, against, significance }: Rules,
  rivalry?: Rivalry | 'none yet',
): { passed: boolean; reason: string } {
  const missed: string[] = []
  if (accuracy < minAccuracy) missed.push(`accuracy ${compare(accuracy, 'is below', minAccuracy)}`)
  if (macroF1 < minMacroF1) missed.push(`macro F1 ${compare(macroF1, 'is below', minMacroF1)}`)
  if (baselines === undefined) {
    if (margin > 0) missed.push(`no baselines to be ${formatShare(margin)} above`)
  } else {
    const { majority, naiveBayes } = baselines
    const [name, best] =
      majority.accuracy > naiveBayes.accuracy
        ? ['majority', majority.accuracy]
        : ['naive Bayes', naiveBayes.accuracy]
    const distance =
      margin === 0
        ? 'is below'
        : margin > 0
          ? `is less than ${formatShare(margin)} above`
          : `is more than ${formatShare(-margin)} below`
    if (accuracy - best < margin - ROUNDING) {
      missed.push(`accuracy ${compare(accuracy, `${distance} ${name}`, best)}`)
    }
  }
  const rival = rivalry === undefined ? undefined : besideChampion(rivalry, significance)
  if (
    rival !== undefined &&
    (rival.standing === 'worse' || (against === 'better' && rival.standing === 'even'))
  ) {
    missed.push(against === 'better' ? `not better than ${rival.sentence}` : `worse than ${rival.sentence}`)
  }
  if (missed.length > 0) return { passed: false, reason: `fails: ${missed.join('; ')}` }

  const floors = [`${formatShare(accuracy)} against ${formatShare(minAccuracy)}`]
  if (minMacroF1 > 0) floors.push(`macro F1 ${formatShare(macroF1)} against ${formatShare(minMacroF1)}`)
  const beside =
    baselines === undefined
      ? 'no baselines'
      : `baselines majority ${formatShare(baselines.majority.accuracy)}, naive Bayes ${formatShare(baselines.naiveBayes.accuracy)}`
  const end = rival === undefined ? '' : `; ${rival.sentence}`
  return { passed: true, reason: `passes: ${floors.join(', ')}; ${beside}${end}` }
}

/** The model beside the champion, and that in words: `champion 3 .854: within noise (p .41)`. */
function besideChampion(rivalry: Rivalry | 'none yet', significance: number) {
  if (rivalry === 'none yet') return { standing: 'first', sentence: 'no champion yet' } as const
  const { version, accuracy, championAccuracy, p } = rivalry
  const standing = p >= significance ? 'even' : accuracy > championAccuracy ? 'better' : 'worse'
  const words = { even: 'within noise', better: 'better', worse: 'behind it' }[standing]
  const digits = decimals(p, significance, p < 0.1 ? 3 : 2)
  const likelihood = p < 0.001 ? 'p below .001' : `p ${formatShare(p, digits)}`
  const sentence = `champion ${version} ${formatShare(championAccuracy)}: ${words} (${likelihood})`
  return { standing, sentence }
}

/** Two shares such that it is seen which is less: never `.75 is below .75`. */
function compare(share: number, relation: string, other: number): string {
  const digits = decimals(share, other, 3)
  return `${formatShare(share, digits)} ${relation} ${formatShare(other, digits)}`
}

/** How many decimals, `digits` at least, it takes to see which of two shares is less. */
function decimals(share: number, other: number, digits: number): number {
  if (digits === 15 || share === other || formatShare(share, digits) !== formatShare(other, digits))
    return digits
  return decimals(share, other, digits + 1)
}
