import type { Row } from '../data/index.ts'
import { judge } from '../judge/index.ts'
import { GOLDEN_DECIMALS } from './info.ts'
import { indexLabels } from './labels.ts'
import type { GoldenExample, Prediction } from './types.ts'

/** Enough to see at a glance that a deployed copy is this model, few enough to keep in the manifest. */
const GOLDEN_EXAMPLES = 12
const LONGEST_GOLDEN_TEXT = 1000

/** How the validation rows were answered; nothing where there are none. */
export function judgeValidation(
  rows: readonly Row[],
  predictions: readonly Prediction[],
  labels: readonly string[],
): { validationAccuracy?: number; validationMacroF1?: number } {
  if (rows.length === 0) return {}
  const predicted = Int32Array.from(predictions, ({ label }) => labels.indexOf(label))
  const { accuracy, macroF1 } = judge(indexLabels(rows, labels, 'validation'), predicted, labels)
  return { validationAccuracy: accuracy, validationMacroF1: macroF1 }
}

/** Rows at even distances, so that they come from all classes whether the rows are shuffled or sorted. */
export function chooseGolden(
  rows: readonly Pick<GoldenExample, 'text' | 'columns'>[],
  predictions: readonly Prediction[],
): GoldenExample[] {
  const short = rows.flatMap(({ text }, i) => (text.length <= LONGEST_GOLDEN_TEXT ? [i] : []))
  const count = Math.min(GOLDEN_EXAMPLES, short.length)
  return Array.from({ length: count }, (_, i) => {
    const chosen = short[Math.floor((i * short.length) / count)]!
    const { label, probabilities } = predictions[chosen]!
    return {
      ...rows[chosen]!,
      label,
      probabilities: Array.from(probabilities, value => Number(value.toFixed(GOLDEN_DECIMALS))),
    }
  })
}
