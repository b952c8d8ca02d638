import { PressroomError } from '../../../core/errors.ts'
import { isObject, shown } from '../../../core/object.ts'

/** The labels in predictions: `{prediction}` of our container, `{label}` or the label alone of others. */
export function labelsOf(
  predictions: readonly unknown[],
  texts: readonly string[],
  what: string,
): readonly string[] {
  const labels = predictions.map(each => (isObject(each) ? (each.prediction ?? each.label) : each))
  if (labels.length === texts.length && labels.every(label => typeof label === 'string')) return labels
  throw new PressroomError('deployment-failed', `${what} does not answer with a label a text`, {
    where: `${texts.length} texts, ${labels.length} predictions, first ${predictions.length === 0 ? 'none' : shown(predictions[0])}`,
    fix: 'its container must answer {"predictions": [{"prediction": "LABEL"}, …]} or {"predictions": ["LABEL", …]}',
  })
}
