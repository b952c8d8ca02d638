import { type LinearModel, likeliest, linearProbabilities } from '../learn/index.ts'
import type { TextFeatures } from '../text/index.ts'
import type { Explanation, Prediction } from './types.ts'

/** How a linear model answers; plain arithmetic, so that a service needs no addon for it. */
export interface LinearPredictor {
  predict(texts: readonly string[]): Prediction[]
  explain(text: string, top: number): Explanation[]
}

/** Joins features and weights to something that answers. `labels` has one name a class. */
export function linearPredictor(
  features: TextFeatures,
  model: LinearModel,
  labels: readonly string[],
): LinearPredictor {
  const { classes, coefficients } = model

  const predict = (texts: readonly string[]) => {
    const probabilities = linearProbabilities(model, features.transform(texts))
    return Array.from(likeliest(probabilities, classes), (winner, row) => ({
      label: labels[winner]!,
      probabilities: probabilities.slice(row * classes, (row + 1) * classes),
    }))
  }

  /*
   * An n-gram with TF-IDF weight x moves the logit of class c by x · W[c]. Softmax does not see what moves all classes
   * alike, so the mean over the classes is taken off: contribution(c) = x · (W[c] - mean(W)). Summed over the n-grams and
   * the intercepts, likewise centred, these give the centred logits, whose softmax is the answer.
   */
  const explain = (text: string, top: number) => {
    const { indices, values } = features.transform([text])
    const predicted = labels.indexOf(predict([text])[0]!.label)
    const explanations = Array.from(indices, (feature, i) => {
      const weights = coefficients.subarray(feature * classes, (feature + 1) * classes)
      const mean = weights.reduce((sum, weight) => sum + weight, 0) / classes
      return {
        ngram: features.vocabulary[feature]!,
        contributions: weights.map(weight => values[i]! * (weight - mean)),
      }
    })
    const weight = ({ contributions }: Explanation) => Math.abs(contributions[predicted]!)
    return explanations.sort((a, b) => weight(b) - weight(a)).slice(0, top)
  }

  return { predict, explain }
}
