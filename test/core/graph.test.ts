import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { FittedModel, Learner } from '../../core/learn/index.ts'
import { readOnnxFile, withOutput } from '../../core/model/graph/onnx-file.ts'
import { importOnnx, type OnnxImport } from '../../core/model/import/from-onnx.ts'
import { digestModel, loadModel } from '../../core/model/index.ts'
import { encodeOnnx, type OnnxGraph, type OnnxNode, type OnnxValue } from '../../core/model/onnx/protobuf.ts'
import { rawTextGraph } from '../../core/model/onnx/raw-text-graph.ts'
import { digestBytes } from '../../core/storage/digest.ts'
import { fitFeatures } from '../../core/text/index.ts'
import { HEADLINES, sealFitted, sealHeadlines } from '../support/models.ts'
import * as fc from '../support/properties.ts'
import { tempFolder } from '../support/temp.ts'

/*
 * Graphs that skl2onnx converted (test/interop/skl2onnx_pipelines.py), with the answers of Python's onnxruntime; and some made up.
 */
const CONVERTED = 'test/goldens/skl2onnx'
const TEXTS = HEADLINES.map(({ text }) => text)

test.each(['logistic-regression', 'naive-bayes', 'one-row'])(
  'what skl2onnx converted answers as it does in Python, from a folder that is moved and loaded: %s',
  async name => {
    await using temp = await tempFolder()
    const folder = join(temp.path, 'model')
    const given = await readFile(join(CONVERTED, `${name}.onnx`))
    const { classes, probabilities } = JSON.parse(await readFile(join(CONVERTED, `${name}.json`), 'utf8'))
    const done = await importOnnx(folder, given, name, { validation: HEADLINES })
    expect(done).toMatchObject({ labelsFrom: 'graph', digest: await digestModel(folder) })
    const named = await importOnnx(join(temp.path, 'named'), given, name, {
      ...{ labels: classes.map((label: string) => `the ${label}`), validation: HEADLINES },
    })
    expect(named.info.metrics.validationAccuracy).toBe(1)
    await using model = await loadModel(folder)
    expect(model.info).toMatchObject({
      engine: 'onnx-text',
      labels: classes,
      metrics: { validationAccuracy: 1, validationRows: HEADLINES.length },
      graph: { producer: expect.stringMatching(/^skl2onnx \d/), opsets: { 'ai.onnx.ml': 1 } },
    })
    // More than one piece, and in the order of the texts.
    const answers = await model.predict([...TEXTS, ...TEXTS, ...TEXTS])
    expect(answers).toHaveLength(36)
    for (const [i, answer] of answers.entries()) {
      expect(answer.label).toBe(HEADLINES[i % 12]!.label)
      for (const [k, share] of answer.probabilities.entries()) {
        expect(share).toBeCloseTo(probabilities[i % 12][k], 6)
      }
    }
    expect(await model.explain(TEXTS[0]!, 5)).toEqual([])
    expect(await model.predict([])).toEqual([])
  },
)

test.each<[string, Learner]>([
  ['forest', { kind: 'random-forest', parameters: { nEstimators: 20 } }],
  ['network', { kind: 'mlp', parameters: { hiddenLayerSizes: [8], maxIter: 20 } }],
])(
  'a %s may be computed by ONNX Runtime on its export: the same classes, the same probabilities to 1e-5',
  async (_, learner) => {
    await using temp = await tempFolder()
    const folder = join(temp.path, 'model')
    await sealFitted(folder, learner)
    await using own = await loadModel(folder)
    await using other = await loadModel(folder, { runtime: 'onnxruntime' })
    expect([own.runtime, other.runtime]).toEqual(['pressroom', 'onnxruntime'])
    // Rows of several lengths, one of no known word, in more than one piece.
    const texts = [...TEXTS, '?', ...TEXTS, ...TEXTS]
    const expected = await own.predict(texts)
    for (const [i, { label, probabilities }] of (await other.predict(texts)).entries()) {
      expect(label).toBe(expected[i]!.label)
      for (const [k, share] of probabilities.entries()) {
        expect(Math.abs(share - expected[i]!.probabilities[k]!)).toBeLessThan(1e-5)
      }
    }
  },
)

test('a linear model is computed by our own code whatever is asked for', async () => {
  await using temp = await tempFolder()
  const folder = join(temp.path, 'model')
  await sealHeadlines(folder)
  await using model = await loadModel(folder, { runtime: 'onnxruntime' })
  expect(model.runtime).toBe('pressroom')
})

test('an import that is cancelled writes nothing', async () => {
  await using temp = await tempFolder()
  const signal = AbortSignal.abort()
  const asked = importOnnx(join(temp.path, 'model'), constant(), 'a.onnx', {
    ...{ labels: ['wet', 'dry'], validation: [{ text: 'rain', label: 'dry' }] },
    signal,
  })
  await expect(asked).rejects.toBe(signal.reason)
  expect(await readdir(temp.path)).toEqual([])
})

test('importing the same file again gives the same folder', async () => {
  await using temp = await tempFolder()
  const bytes = await readFile(join(CONVERTED, 'naive-bayes.onnx'))
  const [one, two] = [join(temp.path, 'one'), join(temp.path, 'two')]
  await importOnnx(one, bytes, 'a', { validation: HEADLINES })
  await importOnnx(two, bytes, 'b', { validation: HEADLINES })
  expect(await digestModel(one)).toBe(await digestModel(two))
  expect(await readFile(join(one, 'model.onnx'))).toEqual(bytes)
})

test('our own raw-text graph comes back in, with its classes and its answers', async () => {
  await using temp = await tempFolder()
  const { features } = await fitFeatures(
    HEADLINES,
    HEADLINES.map(({ label }) => label),
    { text: { text: {} } },
  )
  const model: FittedModel = {
    ...{ kind: 'logistic-regression', multiClass: 'multinomial', classes: 2, features: features.columns },
    coefficients: Float64Array.from({ length: 2 * features.columns }, (_, i) => Math.sin(i)),
    intercepts: new Float64Array(2),
  }
  const graph = rawTextGraph(features.state, model, ['Business', 'Sports']) as { bytes: Uint8Array }
  const { info } = await importOnnx(join(temp.path, 'model'), graph.bytes, 'text.onnx', { validation: [] })
  expect(info).toMatchObject({ labels: ['Business', 'Sports'], metrics: { validationRows: 0 }, golden: [] })
  expect(info.graph.producer).toMatch(/^pressroom-ml \d/)
})

const value = (name: string, type: OnnxValue['type'], ...shape: (number | string)[]) => ({
  name,
  type,
  shape,
})
const TEXT = value('text', 'string', 'N')
const SHARES = value('probabilities', 'float32', 'N', 2)

/** Every text gets the same numbers, and `rain` those the other way round, with a label of its own. */
function constant(
  change: Partial<OnnxGraph> & { numbers?: readonly number[]; names?: readonly string[] } = {},
) {
  const { numbers = [0.25, 0.75], names = ['dry', 'wet'], ...rest } = change
  const node = (
    operator: string,
    inputs: string[],
    output: string,
    more: Partial<OnnxNode> = {},
  ): OnnxNode => {
    return { operator, inputs, outputs: [output], ...more }
  }
  const lookup = { attributes: { keys_strings: { strings: ['rain'] }, values_int64s: { ints: [1] } } }
  return encodeOnnx({
    name: 'constant',
    inputs: [TEXT],
    outputs: [value('label', 'string', 'N'), SHARES],
    constants: [
      {
        name: 'table',
        shape: [2, numbers.length],
        value: { type: 'float32', data: [...numbers, ...numbers.toReversed()] },
      },
      { name: 'names', shape: [names.length], value: { type: 'string', data: names } },
      { name: 'zero', shape: [], value: { type: 'int64', data: [0] } },
    ],
    nodes: [
      node('LabelEncoder', ['text'], 'found', { domain: 'ai.onnx.ml', ...lookup }),
      node('Max', ['found', 'zero'], 'row'),
      node('Gather', ['table', 'row'], 'probabilities', { attributes: { axis: { i: 0 } } }),
      node('Gather', ['names', 'row'], 'label', { attributes: { axis: { i: 0 } } }),
    ],
    opsets: { '': 17, 'ai.onnx.ml': 3 },
    producer: { name: '', version: '' },
    metadata: {},
    ...rest,
  })
}

test('classes are named by what was given, else by the answers, if they name all', async () => {
  await using temp = await tempFolder()
  const folder = join(temp.path, 'model')
  const labelsOf = async (bytes: Uint8Array, more: Partial<OnnxImport> = {}) => {
    const { info, labelsFrom } = await importOnnx(folder, bytes, 'a.onnx', { validation: [], ...more })
    return [labelsFrom, ...info.labels]
  }
  // The second number is larger of every text but `rain`.
  expect(await labelsOf(constant())).toEqual(['answers', 'wet', 'dry'])
  expect(await labelsOf(constant(), { labels: ['b', 'a'] })).toEqual(['given', 'b', 'a'])
  expect(await labelsOf(constant({ metadata: { labels: '["wet","dry"]' } }))).toEqual(['graph', 'wet', 'dry'])
  // Another list than the answers' is not the classes'.
  expect(await labelsOf(constant({ metadata: { labels: '["x","y"]' } }))).toEqual(['answers', 'wet', 'dry'])
})

const IMAGE = value('data', 'float32', 1, 3, 224, 224)
const softmax: OnnxNode[] = [
  { operator: 'Flatten', inputs: ['data'], outputs: ['flat'] },
  { operator: 'Softmax', inputs: ['flat'], outputs: ['probabilities'] },
]

const MAGIC = { operator: 'Magic', domain: 'com.example', inputs: ['text'], outputs: ['probabilities'] }

test.each<[string, Uint8Array, Partial<OnnxImport>, string]>([
  ['no ONNX file', Buffer.from('{"not": "onnx"}'), {}, 'is not an ONNX model'],
  ['an empty file', new Uint8Array(), {}, 'it has no graph'],
  ['a file that ends too early', constant().subarray(0, 200), {}, 'is not an ONNX model'],
  ['no operators', constant({ nodes: [] }), {}, 'its graph does nothing'],
  [
    'an image model',
    constant({ inputs: [IMAGE], outputs: [value('probabilities', 'float32', 1, 150528)], nodes: softmax }),
    {},
    'it takes data float32 [1, 3, 224, 224]',
  ],
  [
    'two inputs',
    constant({ inputs: [TEXT, value('more', 'float32', 'N')] }),
    {},
    'text string [N]; more float32 [N]',
  ],
  [
    'two labels, neither of them called so',
    constant({ outputs: [value('row', 'int64', 'N'), value('found', 'int64', 'N'), SHARES] }),
    {},
    'no output of the graph is its label',
  ],
  [
    'no probabilities',
    constant({ outputs: [value('label', 'string', 'N')] }),
    {},
    'it gives label string [N]',
  ],
  [
    'an operator that nobody knows',
    constant({ nodes: [MAGIC], outputs: [SHARES], opsets: { '': 17, 'com.example': 1 } }),
    {},
    'Magic',
  ],
  ['a later set of operators', constant({ opsets: { '': 99 } }), {}, 'its operators are of ai.onnx 99'],
  ['scores', constant({ numbers: [-1, 2] }), {}, '-1, 2 for "Rates rise'],
  ['numbers that are none', constant({ numbers: [Number.NaN, 1] }), {}, 'NaN, 1'],
  [
    'one class',
    constant({ numbers: [1], outputs: [value('probabilities', 'float32', 'N', 1)] }),
    {},
    'it gives 1 number a text',
  ],
  ['no label and no name', constant({ outputs: [SHARES] }), {}, '2 probabilities and no label'],
  ['too many labels', constant(), { labels: ['a', 'b', 'c'] }, '3 labels given, 2 probabilities'],
  ['a label twice', constant(), { labels: ['a', 'a'] }, '2 labels given, 2 probabilities'],
  ['labels in another order', constant(), { labels: ['dry', 'wet'] }, 'number 2 is dry'],
  ['a label for both', constant({ names: ['dry', 'dry'] }), {}, 'it says dry, and number'],
])(
  'a graph that does not classify texts is refused, and nothing is written: %s',
  async (_, bytes, more, said) => {
    await using temp = await tempFolder()
    const asked = importOnnx(join(temp.path, 'model'), bytes, 'a.onnx', { validation: [], ...more })
    await expect(asked).rejects.toMatchObject({
      code: 'not-importable',
      message: expect.stringContaining(said),
      fix: expect.any(String),
    })
    expect(await readdir(temp.path)).toEqual([])
  },
)

/** A message field in protobuf's wire format, shorter than 128 bytes. */
const field = (id: number, content: string | Uint8Array) => {
  const bytes = Buffer.from(content)
  const tag = (id << 3) | 2
  const start = tag < 128 ? [tag] : [(tag & 127) | 128, tag >> 7]
  return Buffer.concat([Buffer.from([...start, bytes.length]), bytes])
}
/** TensorProto.external_data: where the weights are. */
const elsewhere = field(13, Buffer.concat([field(1, 'location'), field(2, '../secret')]))

test.each<[string, Uint8Array]>([
  ['a constant', field(7, field(5, elsewhere))],
  ['a sparse constant', field(7, field(15, field(1, elsewhere)))],
  ['an attribute', field(7, field(1, field(5, field(5, elsewhere))))],
  ["a branch's constant", field(7, field(1, field(5, field(6, field(5, elsewhere)))))],
  ["a function's attribute", field(25, field(7, field(5, field(10, elsewhere))))],
])(
  'weights in other files are never opened, neither at the import nor from a folder: %s',
  async (_, more) => {
    await using temp = await tempFolder()
    const bytes = Buffer.concat([constant(), more])
    expect(readOnnxFile(bytes).external).toEqual(['../secret'])
    await expect(
      importOnnx(join(temp.path, 'model'), bytes, 'a.onnx', { validation: [] }),
    ).rejects.toMatchObject({ code: 'not-importable', where: '../secret' })

    const folder = join(temp.path, 'model')
    await importOnnx(folder, constant(), 'a.onnx', { validation: [] })
    const manifest = JSON.parse(await readFile(join(folder, 'pressroom.json'), 'utf8'))
    manifest.files['model.onnx'] = { bytes: bytes.length, digest: digestBytes(bytes) }
    await writeFile(join(folder, 'pressroom.json'), JSON.stringify(manifest))
    await writeFile(join(folder, 'model.onnx'), bytes)
    await expect(loadModel(folder)).rejects.toMatchObject({
      code: 'model-damaged',
      where: 'model.onnx: it takes weights from ../secret',
    })
  },
)

test('a folder whose graph is not what the manifest says is damaged', async () => {
  await using temp = await tempFolder()
  const folder = join(temp.path, 'model')
  await importOnnx(folder, constant(), 'a.onnx', { validation: [] })
  const manifest = await readFile(join(folder, 'pressroom.json'), 'utf8')
  await writeFile(
    join(folder, 'pressroom.json'),
    manifest.replace('"shape": [\n        "N"', '"shape": [\n        7'),
  )
  await expect(loadModel(folder)).rejects.toMatchObject({
    code: 'model-damaged',
    where: expect.stringContaining('graph.input.shape[0] must be "N" or 1'),
  })
})

test('an output that is added leaves the file as it is, and any bytes are read or refused', () => {
  const bytes = constant()
  const more = withOutput(bytes, 'row')
  expect(more.subarray(0, bytes.length)).toEqual(Buffer.from(bytes))
  expect(readOnnxFile(more).outputs).toEqual(['label', 'probabilities', 'row'])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(bytes.length), (noise, at) => {
      const spoilt = Buffer.from(bytes)
      spoilt.set(noise.subarray(0, bytes.length - at), at)
      for (const some of [noise, spoilt]) {
        try {
          expect(readOnnxFile(some).nodes.length).toBeGreaterThan(0)
        } catch (error) {
          // A plain Error has a clause for people in it; what protobufjs throws has one too.
          expect((error as Error).message).not.toBe('')
        }
      }
    }),
  )
})
