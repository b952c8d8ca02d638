import { cp, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { linearProbabilities } from '../../core/learn/index.ts'
import { checkLinearExport } from '../../core/model/check-export.ts'
import { digestModel, loadModel, sealModel } from '../../core/model/index.ts'
import { linearPredictor } from '../../core/model/linear.ts'
import { linearGraph } from '../../core/model/linear-graph.ts'
import { encodeOnnx } from '../../core/model/onnx.ts'
import { decodeWeights, encodeWeights } from '../../core/model/weights.ts'
import { digestBytes } from '../../core/storage/digest.ts'
import { restoreTfidf } from '../../core/text/index.ts'
import { HEADLINES, sealHeadlines } from '../support/models.ts'
import { runAlone } from '../support/run-alone.ts'
import { tempFolder } from '../support/temp.ts'

const FILES = ['MLmodel', 'README.md', 'model.onnx', 'pressroom.json', 'vocabulary.txt', 'weights.bin']
const TEXT = 'The bank raises rates before the cup final'

async function sealedFolder() {
  const temp = await tempFolder()
  const folder = join(temp.path, 'model')
  await sealHeadlines(folder)
  return { folder, base: temp.path, [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() }
}

/** The features and weights in a folder, read beside loadModel. */
async function partsOf(folder: string) {
  const { idf, model } = decodeWeights(await readFile(join(folder, 'weights.bin')))
  const vocabulary = (await readFile(join(folder, 'vocabulary.txt'), 'utf8')).trimEnd().split('\n')
  const info = JSON.parse(await readFile(join(folder, 'pressroom.json'), 'utf8'))
  return { features: restoreTfidf({ settings: info.text, vocabulary, idf }), model, info }
}

test('a sealed folder holds what docs/model-folder.md lists, and its export was checked on every row', async () => {
  await using sealed = await sealedFolder()
  expect((await readdir(sealed.folder)).sort()).toEqual(FILES)
  await using model = await loadModel(sealed.folder)
  expect(model.info.export).toMatchObject({
    engine: 'onnxruntime',
    rows: HEADLINES.length,
    labelsDiffering: 0,
  })
  expect(model.info.export).toHaveProperty('largestDifference', expect.closeTo(0, 6))
  expect(Object.keys(model.info.files).sort()).toEqual(FILES.filter(name => name !== 'pressroom.json'))
  const document = await readFile('docs/model-folder.md', 'utf8')
  for (const name of [...FILES, ...Object.keys(model.info)]) expect(document).toContain(`\`${name}`)
})

test('sealing the same model again, elsewhere and over an older one, gives the same bytes', async () => {
  await using sealed = await sealedFolder()
  const again = join(sealed.base, 'a', 'longer', 'path')
  await sealHeadlines(again, HEADLINES, 3)
  expect(await digestModel(again)).not.toBe(await digestModel(sealed.folder))
  await sealHeadlines(again)
  for (const name of FILES) {
    expect(await readFile(join(again, name))).toEqual(await readFile(join(sealed.folder, name)))
  }
  expect(await digestModel(again)).toBe(digestBytes(await readFile(join(again, 'pressroom.json'))))
  expect(await readFile(join(again, 'README.md'), 'utf8')).not.toContain(sealed.base)
})

test('a loaded model answers as its weights do, its golden examples too', async () => {
  await using sealed = await sealedFolder()
  const { features, model: weights, info } = await partsOf(sealed.folder)
  await using model = await loadModel(sealed.folder)
  const texts = [...HEADLINES.map(row => row.text), '', 'zyzzyva', '\u0000 \ud800', 'cup '.repeat(1000)]
  const answers = await model.predict(texts)
  const expected = linearProbabilities(weights, features.transform(texts))
  expect(answers.flatMap(({ probabilities }) => [...probabilities])).toEqual([...expected])
  for (const { label, probabilities } of answers) {
    expect(label).toBe(info.labels[probabilities[0]! >= probabilities[1]! ? 0 : 1])
    expect(probabilities[0]! + probabilities[1]!).toBeCloseTo(1, 12)
  }
  expect(await model.predict([])).toEqual([])
  expect(model.info.golden).toHaveLength(12)
  const golden = await model.predict(model.info.golden.map(({ text }) => text))
  model.info.golden.forEach(({ label, probabilities }, i) => {
    expect(golden[i]!.label).toBe(label)
    probabilities.forEach((value, c) => {
      expect(golden[i]!.probabilities[c]).toBeCloseTo(value, 6)
    })
  })
})

test('words that are not known leave the intercepts to answer', async () => {
  await using sealed = await sealedFolder()
  const { model: weights } = await partsOf(sealed.folder)
  await using model = await loadModel(sealed.folder)
  const [a, b] = weights.intercepts
  const [answer] = await model.predict(['zyzzyva'])
  expect(answer!.probabilities[0]).toBeCloseTo(1 / (1 + Math.exp(b! - a!)), 12)
  expect(await model.explain('zyzzyva', 5)).toEqual([])
})

test('an explanation adds up to the answer, and starts with what weighed most', async () => {
  await using sealed = await sealedFolder()
  const { model: weights } = await partsOf(sealed.folder)
  await using model = await loadModel(sealed.folder)
  const all = await model.explain(TEXT, 100)
  const [{ label, probabilities }] = (await model.predict([TEXT])) as [never, never] &
    Awaited<ReturnType<typeof model.predict>>
  const mean = (weights.intercepts[0]! + weights.intercepts[1]!) / 2
  const logit = (c: number) =>
    all.reduce((sum, { contributions }) => sum + contributions[c]!, weights.intercepts[c]! - mean)
  expect(logit(0) + logit(1)).toBeCloseTo(0, 12)
  expect(1 / (1 + Math.exp(logit(1) - logit(0)))).toBeCloseTo(probabilities[0]!, 12)
  const predicted = model.info.labels.indexOf(label)
  const weighed = all.map(({ contributions }) => Math.abs(contributions[predicted]!))
  expect(weighed).toEqual(weighed.toSorted((x, y) => y - x))
  expect(all.map(({ ngram }) => ngram)).toEqual(expect.arrayContaining(['bank', 'cup', 'bank raises']))
  expect(await model.explain(TEXT, 2)).toEqual(all.slice(0, 2))
})

/** Replaces a part of the manifest's text. */
const EDIT = (part: string | RegExp, by: string) => async (folder: string) => {
  const path = join(folder, 'pressroom.json')
  const text = await readFile(path, 'utf8')
  expect(text).toMatch(part)
  await writeFile(path, text.replace(part, by))
}

/** Replaces a file and lists its new digest: damage that only the content shows. */
const FORGE = (name: string, change: (bytes: Buffer) => Uint8Array) => async (folder: string) => {
  const before = await readFile(join(folder, name))
  const size = before.length
  const digest = digestBytes(before)
  const after = change(before)
  await writeFile(join(folder, name), after)
  await EDIT(
    new RegExp(`${size},(\\s+"digest": )"${digest}"`),
    `${after.length},$1"${digestBytes(after)}"`,
  )(folder)
}

/** Puts something else in the folder's place. */
const INSTEAD = (put: (folder: string) => Promise<unknown>) => async (folder: string) => {
  await rm(folder, { recursive: true })
  await put(folder)
}

const ENTRY = `{ "bytes": 1, "digest": "${digestBytes('')}" }`

const patched =
  (offset: number, ...values: number[]) =>
  (bytes: Buffer) => {
    bytes.set(values, offset)
    return bytes
  }

type Damage = [name: string, damage: (folder: string) => Promise<unknown>, code: string, message: string]

const DAMAGES: readonly Damage[] = [
  ['no folder', INSTEAD(async () => {}), 'file-not-found', 'no such'],
  ['an empty folder', INSTEAD(mkdir), 'model-foreign', 'it has: nothing'],
  ['a file', INSTEAD(folder => writeFile(folder, '')), 'model-foreign', 'it is a file'],
  [
    'no manifest',
    folder => rm(join(folder, 'pressroom.json')),
    'model-foreign',
    'it has: MLmodel, README.md',
  ],
  [
    'a later format',
    EDIT('"formatVersion": 1', '"formatVersion": 2'),
    'model-foreign',
    'upgrade pressroom-ml',
  ],
  ['an unknown engine', EDIT('"linear"', '"onnx-text"'), 'model-foreign', '"onnx-text"'],
  ['another JSON', EDIT(/.*/s, 'null'), 'model-foreign', 'no formatVersion'],
  ['half a manifest', folder => truncate(join(folder, 'pressroom.json'), 99), 'model-damaged', 'not JSON'],
  [
    'a huge manifest',
    folder => truncate(join(folder, 'pressroom.json'), 2 ** 23),
    'model-damaged',
    'the most',
  ],
  ['a missing field', EDIT('"labels"', '"names"'), 'model-damaged', 'pressroom.json.labels must be a list'],
  ['an unknown field', EDIT('"text": {', '"text": { "stem": true,'), 'model-damaged', 'unknown field "stem"'],
  [
    'a wrong type',
    EDIT('"validationMacroF1": 1', '"validationMacroF1": "1"'),
    'model-damaged',
    'must be a number',
  ],
  ['a backward range', EDIT(/("ngramRange": \[\s+)1/, '$1 9'), 'model-damaged', 'ngramRange'],
  ['a label twice', EDIT('"Business"', '"Sports"'), 'model-damaged', 'each once'],
  ['a foreign example', EDIT('"label": "Sports"', '"label": "x"'), 'model-damaged', 'golden example'],
  ['a path upward', EDIT('"files": {', `"files": { "../x": ${ENTRY},`), 'model-damaged', 'lists "../x"'],
  ['an absolute path', EDIT('"files": {', `"files": { "/x": ${ENTRY},`), 'model-damaged', 'lists "/x"'],
  ['an unlisted file', EDIT(/"MLmodel": \{[^}]*\},/, ''), 'model-damaged', 'does not list MLmodel'],
  ['a giant', EDIT(/("model.onnx": \{\s*"bytes"): \d+/, '$1: 2147483648'), 'model-damaged', 'is the most'],
  ['no digest', EDIT('"digest": "sha256:', '"digest": "md5:'), 'model-damaged', 'must be a digest'],
  ['a missing file', folder => rm(join(folder, 'MLmodel')), 'model-damaged', 'MLmodel is missing'],
  ['an extra file', folder => writeFile(join(folder, 'x.py'), ''), 'model-damaged', 'x.py is no part'],
  ['an extra folder', folder => mkdir(join(folder, 'code')), 'model-damaged', 'code is not a plain file'],
  ['a truncated file', folder => truncate(join(folder, 'weights.bin'), 40), 'model-damaged', 'has 40 bytes'],
  ['a link', linkReadme, 'model-damaged', 'README.md is not a plain file'],
  ['a changed file', flipLastByte, 'model-damaged', 'MLmodel was changed'],
  ['weights of another kind', FORGE('weights.bin', patched(0, 0)), 'model-damaged', 'does not start'],
  ['later weights', FORGE('weights.bin', patched(8, 2)), 'model-damaged', 'its version is 2'],
  ['double weights', FORGE('weights.bin', patched(10, 2)), 'model-damaged', 'number type is 2'],
  ['many features', FORGE('weights.bin', patched(15, 0xff)), 'model-damaged', 'features and 2 classes take'],
  [
    'weights cut off',
    FORGE('weights.bin', bytes => bytes.subarray(0, -1)),
    'model-damaged',
    'weights.bin: it has',
  ],
  ['an infinite weight', FORGE('weights.bin', patched(24, 0, 0, 0x80, 0x7f)), 'model-damaged', 'not finite'],
  ['words cut off', FORGE('vocabulary.txt', bytes => bytes.subarray(0, -1)), 'model-damaged', 'cut off'],
  ['no word', FORGE('vocabulary.txt', bytes => Buffer.from(`\n${bytes}`)), 'model-damaged', 'empty line'],
  ['no UTF-8', FORGE('vocabulary.txt', patched(0, 0xff)), 'model-damaged', 'vocabulary.txt:'],
  ['few words', FORGE('vocabulary.txt', () => Buffer.from('bank\n')), 'model-damaged', 'vocabulary.txt 1,'],
  ['a word twice', FORGE('vocabulary.txt', repeatFirstLine), 'model-damaged', 'vocabulary.txt:'],
  ['a label too many', addLabel, 'model-damaged', '3 labels, weights.bin 2'],
]

async function linkReadme(folder: string): Promise<void> {
  await rename(join(folder, 'README.md'), join(folder, '..', 'README.md'))
  await symlink('../README.md', join(folder, 'README.md'))
}

async function flipLastByte(folder: string): Promise<void> {
  const bytes = await readFile(join(folder, 'MLmodel'))
  await writeFile(join(folder, 'MLmodel'), patched(bytes.length - 1, 0x20)(bytes))
}

function repeatFirstLine(vocabulary: Buffer): Buffer {
  const [first, , ...rest] = vocabulary.toString().split('\n')
  return Buffer.from([first, first, ...rest].join('\n'))
}

async function addLabel(folder: string): Promise<void> {
  await EDIT('"Business"', '"Business", "World"')(folder)
  await EDIT(/"golden": \[.*\](,\s+"export")/s, '"golden": []$1')(folder)
}

test('an explanation does not see what moves all classes alike, as the answer does not', async () => {
  await using sealed = await sealedFolder()
  const { features, model, info } = await partsOf(sealed.folder)
  const moved = { ...model, coefficients: model.coefficients.map((value, i) => value + Math.floor(i / 2)) }
  const plain = linearPredictor(features, model, info.labels).explain(TEXT, 100)
  const same = linearPredictor(features, moved, info.labels).explain(TEXT, 100)
  expect(plain.length).toBeGreaterThan(3)
  plain.forEach(({ ngram, contributions }, i) => {
    expect(same[i]!.ngram).toBe(ngram)
    expect(same[i]!.contributions[0]).toBeCloseTo(contributions[0]!, 9)
  })
})

test('what is checked at sealing is what the file holds, not what was fitted', async () => {
  await using sealed = await sealedFolder()
  const { features, model, info } = await partsOf(sealed.folder)
  // In single precision 2 ** 24 + 1 is 2 ** 24: as fitted the classes differ, as loaded they do not.
  const coefficients = model.coefficients.map((_, i) => 2 ** 24 + (i % 2))
  const { info: resealed } = await sealModel(join(sealed.base, 'other'), {
    features,
    model: { ...model, coefficients, intercepts: new Float64Array(2) },
    labels: info.labels,
    validation: HEADLINES,
    metrics: {},
    fingerprints: info.fingerprints,
  })
  expect(resealed.golden[0]).toMatchObject({ label: 'Business', probabilities: [0.5, 0.5] })
})

test('a folder that is damaged, foreign or unsafe says what is wrong with it', async () => {
  await using sealed = await sealedFolder()
  for (const [name, damage, code, where] of DAMAGES) {
    const folder = join(sealed.base, 'damaged')
    await cp(sealed.folder, folder, { recursive: true })
    await damage(folder)
    const error = await loadModel(folder).then(
      () => new Error(`${name} was loaded`),
      (thrown: Error & { code?: string }) => thrown,
    )
    expect({ name, code: (error as { code?: string }).code, message: error.message }).toEqual({
      name,
      code,
      message: expect.stringContaining(where),
    })
    expect(error.message).toContain(folder)
    await rm(folder, { recursive: true, force: true })
  }
})

test('no byte of a folder can change unseen', async () => {
  await using sealed = await sealedFolder()
  const digest = await digestModel(sealed.folder)
  const contents = new Map(
    await Promise.all(FILES.map(async name => [name, await readFile(join(sealed.folder, name))] as const)),
  )
  const property = fc.asyncProperty(
    fc.constantFrom(...FILES),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.integer({ min: 1, max: 255 }),
    async (name, place, flip) => {
      const original = contents.get(name)!
      const changed = Buffer.from(original)
      changed[Math.floor(place * changed.length)]! ^= flip
      await writeFile(join(sealed.folder, name), changed)
      const seen = await digestModel(sealed.folder).catch((error: { code: string }) => error.code)
      await writeFile(join(sealed.folder, name), original)
      expect(seen).not.toBe(digest)
      if (name !== 'pressroom.json') expect(seen).toBe('model-damaged')
    },
  )
  await fc.assert(property, { numRuns: 60 })
})

test('a link to a whole folder is followed', async () => {
  await using sealed = await sealedFolder()
  await symlink(sealed.folder, join(sealed.base, 'current'))
  expect(await digestModel(join(sealed.base, 'current'))).toBe(await digestModel(sealed.folder))
})

test('weights come back from their bytes in single precision', () => {
  const float = fc.float({ noNaN: true, noDefaultInfinity: true }).map(value => value || 0)
  const weights = fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 4 }))
    .chain(([features, classes]) => {
      const numbers = (length: number) =>
        fc.array(float, { minLength: length, maxLength: length }).map(values => Float64Array.from(values))
      return fc.record({
        idf: numbers(features),
        model: fc.record({
          features: fc.constant(features),
          classes: fc.constant(classes),
          intercepts: numbers(classes),
          coefficients: numbers(features * classes),
        }),
      })
    })
  fc.assert(fc.property(weights, given => expect(decodeWeights(encodeWeights(given))).toEqual(given)))
  const one = (value: number) => ({
    idf: Float64Array.of(1),
    model: { features: 1, classes: 1, intercepts: Float64Array.of(0), coefficients: Float64Array.of(value) },
  })
  for (const value of [Number.NaN, Infinity, 1e39]) {
    expect(() => encodeWeights(one(value))).toThrow(expect.objectContaining({ code: 'prediction-failed' }))
  }
})

test('the ONNX writer writes what ONNX Runtime reads: constants and attributes of each kind', async () => {
  const session = await InferenceSession.create(
    encodeOnnx({
      name: 'kinds',
      opset: 17,
      producer: { name: 'test', version: '1' },
      metadata: { note: 'ü' },
      inputs: [{ name: 'x', type: 'float32', shape: ['N', 2] }],
      outputs: [{ name: 'y', type: 'float32', shape: [3, 'N'] }],
      constants: [
        { name: 'w', type: 'float32', shape: [3, 2], data: [1, -2, 3, -4, 5, -6] },
        { name: 'order', type: 'int64', shape: [3], data: [2, 0, 1] },
      ],
      nodes: [
        { operator: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: { ints: [1, 0] } } },
        { operator: 'MatMul', inputs: ['w', 't'], outputs: ['p'] },
        { operator: 'Gather', inputs: ['p', 'order'], outputs: ['g'], attributes: { axis: { i: 0 } } },
        { operator: 'LeakyRelu', inputs: ['g'], outputs: ['y'], attributes: { alpha: { f: 0.5 } } },
      ],
    }),
  )
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 0, 0, 1), [2, 2]) })
  expect([...(y!.data as Float32Array)]).toEqual([5, -3, 1, -1, 3, -2])
  await session.release()
})

test('an export that answers otherwise is refused; one that cannot be asked is said to be unchecked', async () => {
  await using sealed = await sealedFolder()
  const { features, model, info } = await partsOf(sealed.folder)
  const matrix = features.transform(HEADLINES.map(row => row.text))
  const ours = linearProbabilities(model, matrix)
  const turned = { ...model, coefficients: model.coefficients.map(value => -value) }
  const other = { ...model, intercepts: model.intercepts.map((value, c) => value + c / 100) }
  for (const [wrong, message] of [
    [turned, '12 of 12 labels differ'],
    [other, '0 of 12 labels differ; the largest difference of a probability is 0.00'],
  ] as const) {
    await expect(checkLinearExport(linearGraph(wrong, info.labels), matrix, ours)).rejects.toMatchObject({
      code: 'prediction-failed',
      message: expect.stringContaining(message),
    })
  }
  // Rows of the first class only: that is what ArgMax makes of NaN, so no label differs.
  const business = features.transform(HEADLINES.slice(6).map(row => row.text))
  const broken = linearGraph({ ...model, intercepts: new Float64Array(2).fill(Number.NaN) }, info.labels)
  const answers = linearProbabilities(model, business)
  await expect(checkLinearExport(broken, business, answers)).rejects.toThrow('0 of 6 labels differ')
  const none = features.transform([])
  expect(await checkLinearExport(linearGraph(model, info.labels), none, new Float64Array())).toEqual({
    unchecked: 'there were no validation rows',
  })
})

test('sealing needs labels that the model has, and works without validation rows', async () => {
  await using sealed = await sealedFolder()
  const { features, model, info } = await partsOf(sealed.folder)
  const folder = join(sealed.base, 'other')
  const unsealed = { features, model, labels: info.labels, metrics: {}, fingerprints: info.fingerprints }
  const rejected = sealModel(folder, { ...unsealed, validation: [{ text: 'Rain', label: 'Weather' }] })
  await expect(rejected).rejects.toMatchObject({
    code: 'invalid-rows',
    message: expect.stringContaining('"Weather"'),
  })
  await expect(readdir(folder)).rejects.toThrow('ENOENT')
  const report = await sealModel(folder, { ...unsealed, validation: [] })
  expect(report.info).toMatchObject({ golden: [], metrics: {}, export: { unchecked: expect.any(String) } })
  expect(report.digest).toBe(await digestModel(folder))
})

test('a linear model loads and predicts without ONNX Runtime, and without what only sealing needs', async () => {
  await using sealed = await sealedFolder()
  const asked = await runAlone(`
    const { loadModel } = await import('./core/model/index.ts')
    const model = await loadModel(${JSON.stringify(sealed.folder)})
    await model.predict(['rates fall'])
    await model.explain('rates fall', 3)
    console.log(JSON.stringify(asked))`)
  expect(asked).toContain('./core/model/index.ts')
  const packages = (asked as string[]).filter(name => !/^(\.|file:|node:)/.test(name))
  expect(packages).toEqual([])
})

test('without ONNX Runtime a folder is sealed and says that its export is unchecked', async () => {
  await using temp = await tempFolder()
  const folder = join(temp.path, 'model')
  const result = await runAlone(
    `const { sealHeadlines } = await import('./test/support/models.ts')
    await sealHeadlines(${JSON.stringify(folder)})
    const { loadOnnxRuntime } = await import('./core/model/onnx-runtime.ts')
    const { code, message } = await loadOnnxRuntime().catch(error => error)
    console.log(JSON.stringify({ code, message }))`,
    'onnxruntime-node',
  )
  expect(result).toEqual({
    code: 'package-missing',
    message: 'onnxruntime-node is not installed\n  npm install onnxruntime-node',
  })
  await using model = await loadModel(folder)
  expect(model.info.export).toEqual({ unchecked: 'onnxruntime-node is not installed' })
  expect(model.info.metrics.validationAccuracy).toBe(1)
})
