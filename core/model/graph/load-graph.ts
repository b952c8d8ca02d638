import { PressroomError } from '../../errors.ts'
import { likeliest } from '../../learn/index.ts'
import type { Features } from '../../text/index.ts'
import { textOf } from '../../text/rows.ts'
import { damaged, ONNX_FILE } from '../info.ts'
import type { GraphInfo, Model, Prediction } from '../types.ts'
import { askFeatures, askTexts } from './ask.ts'
import { readOnnxFile } from './onnx-file.ts'
import { type Answer, type Opened, openSession } from './session.ts'

/**
 * Opens a graph of texts, the model of a sealed folder, in ONNX Runtime.
 * @throws PressroomError `package-missing`; `model-damaged` when ONNX Runtime does not take it
 */
export async function loadGraph(folder: string, info: GraphInfo, bytes: Uint8Array): Promise<Model> {
  const opened = await open(folder, bytes)
  return {
    info,
    runtime: 'onnxruntime',
    predict: async rows => predictionsOf(info.labels, await askTexts(opened, info.graph, rows.map(textOf))),
    explain: async () => [],
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

/**
 * Lets ONNX Runtime answer in place of our own code, by the export in the model's folder. The features are made by our code, and
 * named where the model explains its answers.
 * @throws PressroomError `package-missing`; `model-damaged` when ONNX Runtime does not take it
 */
export async function byExport(
  folder: string,
  model: Model,
  features: Features,
  bytes: Uint8Array,
): Promise<Model> {
  const opened = await open(folder, bytes)
  return {
    info: model.info,
    runtime: 'onnxruntime',
    predict: async rows =>
      predictionsOf(model.info.labels, await askFeatures(opened, features.transform(rows))),
    explain: model.explain,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

/**
 * A graph's answers as predictions: the most probable class, the first of several equal ones.
 * @throws PressroomError `prediction-failed` when one has not a probability a label
 */
export function predictionsOf(labels: readonly string[], answers: readonly Answer[]): Prediction[] {
  return answers.map(({ probabilities }) => {
    if (
      probabilities.length !== labels.length ||
      !probabilities.every(share => share >= 0 && share < Infinity)
    ) {
      const some = probabilities.subarray(0, 5).join(', ')
      throw new PressroomError('prediction-failed', `the graph gave no probabilities: ${some}`, {
        where: `${probabilities.length} numbers for ${labels.length} classes`,
        fix: 'ask it the same texts in Python, by onnxruntime, and import what answers them',
      })
    }
    return { label: labels[likeliest(probabilities, labels.length)[0]!]!, probabilities }
  })
}

async function open(folder: string, bytes: Uint8Array): Promise<Opened> {
  try {
    const { external } = readOnnxFile(bytes)
    // ONNX Runtime would open them, wherever they are.
    if (external.length > 0) throw new Error(`it takes weights from ${external.join(', ')}`)
    return await openSession(bytes)
  } catch (error) {
    if (error instanceof PressroomError) throw error
    throw damaged(folder, `${ONNX_FILE}: ${(error as Error).message.split('\n', 1)[0]}`, error)
  }
}
