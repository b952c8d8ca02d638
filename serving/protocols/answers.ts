import type { Prediction } from '../../core/model/index.ts'

/** Who answered. */
export interface Source {
  readonly model: string
  readonly version: string
  /** The classes, in the order of every prediction's probabilities. */
  readonly labels: readonly string[]
}

/** One prediction as JSON. `probabilities` holds every class, the likeliest first. */
export interface Scores {
  readonly prediction: string
  /** The predicted class's probability. */
  readonly confidence: number
  readonly probabilities: Readonly<Record<string, number>>
}

/** A prediction as every protocol writes it, doubles unrounded: what is served is what was evaluated. */
export function scores(prediction: Prediction, labels: readonly string[]): Scores {
  const pairs = labels.map((label, index) => [label, prediction.probabilities[index]!] as const)
  const probabilities = Object.fromEntries(pairs.toSorted((a, b) => b[1] - a[1]))
  return {
    prediction: prediction.label,
    confidence: prediction.probabilities[labels.indexOf(prediction.label)]!,
    probabilities,
  }
}
