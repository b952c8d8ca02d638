import type { Row } from '../../data/index.ts'
import { digestBytes } from '../../storage/digest.ts'
import { VERSION } from '../../version.ts'
import { graphCard } from '../card.ts'
import { askTexts } from '../graph/ask.ts'
import { predictionsOf } from '../graph/load-graph.ts'
import { withOutput } from '../graph/onnx-file.ts'
import type { Answer } from '../graph/session.ts'
import { ONNX_FILE } from '../info.ts'
import { renameRows } from '../labels.ts'
import { mlmodelOfGraph } from '../mlmodel.ts'
import type { GraphInfo, GraphRecord } from '../types.ts'
import { chooseGolden, judgeValidation } from '../validation.ts'
import { writeModelFolder } from '../write-folder.ts'
import { interfaceOf, zipMapOf } from './onnx-interface.ts'
import { type LabelSource, labelsOf } from './onnx-labels.ts'
import { openOnnx, parseOnnx } from './onnx-open.ts'
import { requireProbabilities, tryOut } from './onnx-trial.ts'

/** A cancel is heard between so many rows. */
const ROWS_BETWEEN_LOOKS = 1024

export interface OnnxImport {
  /** Names for the classes, in the order of the graph's probabilities. */
  readonly labels?: readonly string[] | undefined
  /** Rows with labels, given or the graph's own, that the graph is asked. */
  readonly validation: readonly Row[]
  readonly signal?: AbortSignal | undefined
}

export interface OnnxImported {
  readonly info: GraphInfo
  readonly digest: string
  readonly labelsFrom: LabelSource
}

/**
 * Seals an ONNX file that classifies texts as a model folder, as it is. Before anything is written the graph is asked some texts and
 * every validation row: it must give probabilities, the same for a text alone and beside others, the largest of them its own label's.
 *
 * @param name of the file, for messages
 * @throws PressroomError `package-missing` without onnxruntime-node; `not-importable` for every other file; `invalid-rows` when a
 * validation row has a label that the graph lacks; `not-writable`
 */
export async function importOnnx(
  folder: string,
  bytes: Uint8Array,
  name: string,
  { labels: given, validation, signal }: OnnxImport,
): Promise<OnnxImported> {
  const file = parseOnnx(bytes, name)
  const behindZipMap = zipMapOf(file)?.inputs[0]
  const isHidden = behindZipMap !== undefined && !file.outputs.includes(behindZipMap)
  const onnx = isHidden ? withOutput(bytes, behindZipMap) : bytes
  await using opened = await openOnnx(onnx, file, name)
  const record: GraphRecord = {
    ...interfaceOf(opened.session, behindZipMap),
    producer: file.producer,
    opsets: file.opsets,
    digest: digestBytes(bytes),
  }
  const trial = await tryOut(texts => askTexts(opened, record, texts))
  const rows = validation.map(({ text }) => ({ text }))
  const texts = rows.map(({ text }) => text)
  const said: Answer[] = []
  for (let from = 0; from < texts.length; from += ROWS_BETWEEN_LOOKS) {
    signal?.throwIfAborted()
    said.push(...(await askTexts(opened, record, texts.slice(from, from + ROWS_BETWEEN_LOOKS))))
  }
  const answers = requireProbabilities(said, texts)
  const { labels, own, from } = labelsOf(file, [...trial, ...answers], given)
  const predictions = predictionsOf(labels, answers)
  const known: Omit<GraphInfo, 'files'> = {
    formatVersion: 2,
    engine: 'onnx-text',
    labels,
    learner: { kind: `ONNX graph of ${record.producer || 'an unnamed program'}` },
    fingerprints: {
      data: 'not known: the model was fitted elsewhere',
      code: `pressroom-ml@${VERSION}+${record.digest}`,
    },
    metrics: {
      ...{ classes: labels.length, validationRows: validation.length },
      ...judgeValidation(renameRows(validation, own, labels), predictions, labels),
    },
    golden: chooseGolden(rows, predictions),
    graph: record,
  }
  const sealed = await writeModelFolder<GraphInfo>(folder, known, {
    'README.md': graphCard(known),
    MLmodel: mlmodelOfGraph(record.input),
    [ONNX_FILE]: onnx,
  })
  return { ...sealed, labelsFrom: from }
}
