import { counted } from '../../../core/counted.ts'
import { importOnnx, type OnnxImported } from '../../../core/model/import/from-onnx.ts'
import { describeLearner } from '../../../core/model/index.ts'
import { formatShare } from '../../../core/report/numbers.ts'
import type { Outcome, Request } from './run.ts'

const SOURCES: Readonly<Record<OnnxImported['labelsFrom'], string>> = {
  given: 'as given',
  graph: 'as they stand in the file',
  answers: "as the graph's answers name them",
}

/** A graph that takes texts. */
export async function fromOnnx(
  { name, bytes, folder, labels, validation }: Request,
  signal: AbortSignal,
): Promise<Outcome> {
  const { info, ...found } = await importOnnx(folder, bytes, name, { labels, validation, signal })
  const { graph, metrics, learner } = info
  return {
    found: { ...found, labels: info.labels, graph, learner, metrics },
    what: `${describeLearner(learner)}, ${counted(info.labels.length, 'class', 'classes')}`,
    lines: [
      `classes ${SOURCES[found.labelsFrom]}: ${info.labels.join(', ')}`,
      metrics.validationAccuracy === undefined
        ? 'its accuracy is not known: give --validation, rows that it was not fitted on'
        : `accuracy ${formatShare(metrics.validationAccuracy)} on ${counted(validation.length, 'row')}`,
    ],
  }
}
