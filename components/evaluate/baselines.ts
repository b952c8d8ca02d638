import type { Row } from '../../core/data/index.ts'
import { judge } from '../../core/judge/index.ts'
import { fitNaiveBayes, likeliest, linearProbabilities, majorityClass } from '../../core/learn/index.ts'
import { indexLabels, type ModelInfo } from '../../core/model/index.ts'
import { type FeatureSettings, fitFeatures, parseFeatureSettings } from '../../core/text/index.ts'

/** Accuracy and macro F1 of something a model must beat. */
export interface Baseline {
  readonly accuracy: number
  readonly macroF1: number
}

export interface Baselines {
  /** Always the commonest class of the training rows. */
  readonly majority: Baseline
  /** Multinomial naive Bayes on the model's own features. */
  readonly naiveBayes: Baseline
}

/**
 * What two simple classifiers, fitted on `train`, make of the same test rows. Naive Bayes has the model's own features, as far as
 * they can be counts of a kind; beside a graph from elsewhere, which does not tell its features, the default ones.
 */
export async function measureBaselines(
  train: readonly Row[],
  test: readonly Row[],
  info: ModelInfo,
  signal?: AbortSignal,
): Promise<Baselines> {
  const { labels } = info
  const truth = indexLabels(test, labels, 'test')
  const known = indexLabels(train, labels, 'training')
  const baseline = (predicted: Int32Array): Baseline => {
    const { accuracy, macroF1 } = judge(truth, predicted, labels)
    return { accuracy, macroF1 }
  }
  const settings = 'settings' in info ? info.settings : parseFeatureSettings({})
  const { features, matrix } = await fitFeatures(train, known, withoutSigns(settings), { signal })
  const naiveBayes = fitNaiveBayes({ matrix, labels: known, classes: labels.length })
  const probabilities = linearProbabilities(naiveBayes, features.transform(test))
  return {
    majority: baseline(new Int32Array(test.length).fill(majorityClass(known, labels.length))),
    naiveBayes: baseline(likeliest(probabilities, labels.length)),
  }
}

/** The same features, none below 0: numbers from 0 to 1, hashes without signs. */
function withoutSigns({ text, columns, select }: FeatureSettings): FeatureSettings {
  const unsigned = Object.entries(text).map(([name, settings]) => {
    return [name, settings.vectorizer === 'hashing' ? { ...settings, alternateSign: false } : settings]
  })
  const scaled = Object.entries(columns).map(([name, settings]) => {
    return [name, settings.kind === 'numeric' ? { ...settings, scale: 'minmax' } : settings]
  })
  return { text: Object.fromEntries(unsigned), columns: Object.fromEntries(scaled), select }
}
