import type { Explanation, Prediction } from '../../core/model/index.ts'
import type { Source } from './answers.ts'
import { type SimpleAnswer, writeAnswer } from './simple.ts'

/** A word or words of the text, and what they did to the predicted class. */
interface WeighedWord {
  readonly words: string
  /** By how much they raised the predicted class's log-odds above the mean of all classes; negative: spoke against it. */
  readonly weight: number
}

/** What `POST /explain` answers: what `/predict` would, and what weighed most, heaviest first. */
export interface ExplainedAnswer extends SimpleAnswer {
  readonly model_name: string
  readonly words: readonly WeighedWord[]
}

/** The answer to one text, with its reasons. */
export function writeExplanation(
  prediction: Prediction,
  explanations: readonly Explanation[],
  source: Source,
  milliseconds: number,
): ExplainedAnswer {
  const predicted = source.labels.indexOf(prediction.label)
  return {
    ...writeAnswer(prediction, source, milliseconds),
    model_name: source.model,
    words: explanations.map(({ ngram, contributions }) => ({
      words: ngram,
      weight: contributions[predicted]!,
    })),
  }
}
