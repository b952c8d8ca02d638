import { type FittedModel, likeliest, openClassifier } from '../learn/index.ts'
import type { FeatureRow, Features } from '../text/index.ts'
import { weigherOf } from './contributions.ts'
import type { Explanation, Prediction } from './types.ts'

/** How a model answers; plain arithmetic, so that a service needs no addon for it. */
export interface Predictor {
  predict(rows: readonly FeatureRow[]): Prediction[]
  explain(row: FeatureRow, top: number): Explanation[]
}

/** Joins features and a fitted model to something that answers. `labels` has one name a class. */
export function createPredictor(
  features: Features,
  model: FittedModel,
  labels: readonly string[],
): Predictor {
  const { classes } = model
  const classifier = openClassifier(model)
  const weigh = weigherOf(model)

  const predict = (rows: readonly FeatureRow[]) => {
    const probabilities = classifier.probabilities(features.transform(rows))
    return Array.from(likeliest(probabilities, classes), (winner, row) => ({
      label: labels[winner]!,
      probabilities: probabilities.slice(row * classes, (row + 1) * classes),
    }))
  }

  /*
   * A feature of value x moves the logit of class c by x · W[c]. Softmax does not see what moves all classes
   * alike, so the mean over the classes is taken off: contribution(c) = x · (W[c] - mean(W)). Summed over the features and
   * the intercepts, likewise centred, these give the centred logits, whose softmax is the answer.
   */
  const explain = (row: FeatureRow, top: number) => {
    if (weigh === undefined) return []
    const { indices, values } = features.transform([row])
    const predicted = labels.indexOf(predict([row])[0]!.label)
    const explanations = Array.from(indices, (feature, i) => {
      const weights = new Float64Array(classes)
      weigh(feature, 1, weights)
      const mean = weights.reduce((sum, weight) => sum + weight, 0) / classes
      return { feature, contributions: weights.map(weight => values[i]! * (weight - mean)) }
    })
    const weight = ({ contributions }: { contributions: Float64Array }) => Math.abs(contributions[predicted]!)
    return explanations
      .sort((a, b) => weight(b) - weight(a))
      .slice(0, top)
      .map(({ feature, contributions }) => ({ ngram: features.nameOf(feature), contributions }))
  }

  return { predict, explain }
}
