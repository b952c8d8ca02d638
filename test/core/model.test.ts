import { cp, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import {
  type FittedModel,
  type Learner,
  linearProbabilities,
  openClassifier,
} from '../../core/learn/index.ts'
import { decodeContainer, encodeContainer } from '../../core/model/container.ts'
import { readModelFolder } from '../../core/model/folder.ts'
import { digestModel, loadModel, type ModelInfo, sealModel } from '../../core/model/index.ts'
import { checkExport } from '../../core/model/onnx/check-export.ts'
import { featuresGraph } from '../../core/model/onnx/features-graph.ts'
import { encodeOnnx } from '../../core/model/onnx/protobuf.ts'
import { createPredictor } from '../../core/model/predictor.ts'
import { digestBytes } from '../../core/storage/digest.ts'
import { packStrings, unpackStrings } from '../../core/text/bytes.ts'
import { type FeatureState, restoreFeatures } from '../../core/text/index.ts'
import { expectOurs, expectUnpolluted, junk, placesIn } from '../support/junk.ts'
import { spoiltText } from '../support/junk-answers.ts'
import { spoiltContainer } from '../support/junk-container.ts'
import { fittedInfo, HEADLINES, sealFitted, sealHeadlines } from '../support/models.ts'
import * as fc from '../support/properties.ts'
import { runAlone } from '../support/run-alone.ts'
import { tempFolder } from '../support/temp.ts'

const FILES = [
  'MLmodel',
  'README.md',
  'features.bin',
  'input_example.json',
  'model.bin',
  'model.onnx',
  'pressroom.json',
  'pyfunc.onnx',
  'serving_input_example.json',
  'text.onnx',
]
const FORMAT_1 = 'test/goldens/model-format-1'
const TEXT = 'The bank raises rates before the cup final'

async function sealedFolder() {
  const temp = await tempFolder()
  const folder = join(temp.path, 'model')
  await sealHeadlines(folder)
  return { folder, base: temp.path, [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() }
}

/** The features and the model in a folder, read beside loadModel. */
async function partsOf(folder: string) {
  const info = JSON.parse(await readFile(join(folder, 'pressroom.json'), 'utf8'))
  const read = async (name: string) => decodeContainer(await readFile(join(folder, name)))
  const state = { settings: info.settings, ...((await read('features.bin')) as object) } as FeatureState
  const features = await restoreFeatures(state)
  const model = (await read('model.bin')) as Extract<FittedModel, { kind: 'logistic-regression' }>
  return { features, model, info }
}

test('a sealed folder holds what docs/model-folder.md lists, and its export was checked on every row', async () => {
  await using sealed = await sealedFolder()
  expect((await readdir(sealed.folder)).sort()).toEqual(FILES)
  await using model = await loadModel(sealed.folder)
  expect(fittedInfo(model).export).toMatchObject({
    engine: 'onnxruntime',
    rows: HEADLINES.length,
    labelsDiffering: 0,
  })
  expect(fittedInfo(model).export).toHaveProperty('largestDifference', expect.closeTo(0, 6))
  expect(fittedInfo(model).textExport).toMatchObject({ rows: HEADLINES.length, labelsDiffering: 0 })
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
    EDIT('"formatVersion": 2', '"formatVersion": 3'),
    'model-foreign',
    'upgrade pressroom-ml',
  ],
  ['an unknown engine', EDIT('"linear"', '"onnx-image"'), 'model-foreign', '"onnx-image"'],
  ['another JSON', EDIT(/.*/s, 'null'), 'model-foreign', 'no formatVersion'],
  ['half a manifest', folder => truncate(join(folder, 'pressroom.json'), 99), 'model-damaged', 'not JSON'],
  [
    'a huge manifest',
    folder => truncate(join(folder, 'pressroom.json'), 2 ** 23),
    'model-damaged',
    'the most',
  ],
  ['a missing field', EDIT('"labels"', '"names"'), 'model-damaged', 'pressroom.json.labels must be a list'],
  [
    'an unknown field',
    EDIT('"labels": [', '"stem": 1, "labels": ['),
    'model-damaged',
    'unknown field "stem"',
  ],
  ['an unknown setting', EDIT('"lowercase"', '"lowercased"'), 'model-damaged', 'has no lowercased'],
  [
    'a wrong type',
    EDIT('"validationMacroF1": 1', '"validationMacroF1": "1"'),
    'model-damaged',
    'must be a number',
  ],
  ['a backward range', EDIT(/("ngramRange": \[\s+)1/, '$1 9'), 'model-damaged', 'ngramRange'],
  ['a label twice', EDIT('"Business"', '"Sports"'), 'model-damaged', 'each once'],
  ['a foreign example', EDIT('"label": "Sports"', '"label": "x"'), 'model-damaged', 'golden example'],
  ['half a curve', EDIT(/"steps": \[\s+1,/, '"steps": ['), 'model-damaged', 'a number for each of its steps'],
  ['a path upward', EDIT('"files": {', `"files": { "../x": ${ENTRY},`), 'model-damaged', 'lists "../x"'],
  ['an absolute path', EDIT('"files": {', `"files": { "/x": ${ENTRY},`), 'model-damaged', 'lists "/x"'],
  ['an unlisted file', EDIT(/"MLmodel": \{[^}]*\},/, ''), 'model-damaged', 'does not list MLmodel'],
  ['a giant', EDIT(/("model.onnx": \{\s*"bytes"): \d+/, '$1: 2147483648'), 'model-damaged', 'is the most'],
  ['no digest', EDIT('"digest": "sha256:', '"digest": "md5:'), 'model-damaged', 'must be a digest'],
  [
    'half an example',
    EDIT(/"serving_input_example.json": \{[^}]*\},/, ''),
    'model-damaged',
    'does not list serving_input_example.json',
  ],
  ['a missing file', folder => rm(join(folder, 'MLmodel')), 'model-damaged', 'MLmodel is missing'],
  ['an extra file', folder => writeFile(join(folder, 'x.py'), ''), 'model-damaged', 'x.py is no part'],
  ['an extra folder', folder => mkdir(join(folder, 'code')), 'model-damaged', 'code is not a plain file'],
  ['a truncated file', folder => truncate(join(folder, 'model.bin'), 40), 'model-damaged', 'has 40 bytes'],
  ['a link', linkReadme, 'model-damaged', 'README.md is not a plain file'],
  ['a changed file', flipLastByte, 'model-damaged', 'MLmodel was changed'],
  ['another container', FORGE('model.bin', patched(0, 0)), 'model-damaged', 'model.bin: it does not start'],
  [
    'a later container',
    FORGE('model.bin', patched(8, 3)),
    'model-damaged',
    'its version is 3; this release reads 1 to 2',
  ],
  ['no container of any version', FORGE('model.bin', patched(8, 0)), 'model-damaged', 'its version is 0'],
  ['a long header', FORGE('model.bin', patched(15, 0x7f)), 'model-damaged', 'header is cut off'],
  ['a broken header', FORGE('model.bin', patched(16, 0)), 'model-damaged', 'not JSON'],
  [
    'numbers cut off',
    FORGE('model.bin', bytes => bytes.subarray(0, -8)),
    'model-damaged',
    'its header takes',
  ],
  ['an infinite weight', FORGE('model.bin', setLast), 'model-damaged', 'not finite'],
  [
    'another kind',
    FORGE('model.bin', renamed('logistic-regression', 'logistic-regressixx')),
    'model-damaged',
    'regressixx',
  ],
  [
    'a lost array',
    FORGE('model.bin', renamed('"array":1', '"array":0')),
    'model-damaged',
    'name the array 0',
  ],
  [
    'no such array',
    FORGE('model.bin', renamed('"array":1', '"array":9')),
    'model-damaged',
    'name the array 9',
  ],
  ['a longer array', FORGE('model.bin', renamed('"length":2,', '"length":9,')), 'model-damaged', 'takes'],
  ['other features', EDIT(/("features"): \d+/, '$1: 3'), 'model-damaged', 'has 3 features'],
  ['no UTF-8', FORGE('features.bin', renamed('bank', 'b\u{80}\u{80}')), 'model-damaged', 'features.bin:'],
  ['a word twice', FORGE('features.bin', repeatFirstWord), 'model-damaged', 'comes twice'],
  ['a label too many', addLabel, 'model-damaged', '3 labels, the model 2 classes'],
]

async function linkReadme(folder: string): Promise<void> {
  await rename(join(folder, 'README.md'), join(folder, '..', 'README.md'))
  await symlink('../README.md', join(folder, 'README.md'))
}

async function flipLastByte(folder: string): Promise<void> {
  const bytes = await readFile(join(folder, 'MLmodel'))
  await writeFile(join(folder, 'MLmodel'), patched(bytes.length - 1, 0x20)(bytes))
}

/** The same bytes with a text in them replaced by one as long. */
function renamed(part: string, by: string) {
  return (bytes: Buffer) => {
    const text = bytes.toString('latin1')
    expect(text).toContain(part)
    return Buffer.from(text.replace(part, by), 'latin1')
  }
}

function repeatFirstWord(bytes: Buffer): Uint8Array {
  const learnt = decodeContainer(bytes) as Omit<FeatureState, 'settings'>
  const { vocabulary, idf } = learnt.text.text!
  const [first, , ...rest] = unpackStrings(vocabulary!)
  const text = { text: { vocabulary: packStrings([first!, first!, ...rest]), idf } }
  return encodeContainer({ ...learnt, text }, () => 'float32')
}

function setLast(bytes: Buffer): Buffer {
  // The last array of a linear model is its intercepts, in double precision.
  bytes.writeDoubleLE(Infinity, bytes.length - 8)
  return bytes
}

async function addLabel(folder: string): Promise<void> {
  await EDIT('"Business"', '"Business", "World"')(folder)
  await EDIT(/"golden": \[.*\](,\s+"export")/s, '"golden": []$1')(folder)
}

test('an explanation does not see what moves all classes alike, as the answer does not', async () => {
  await using sealed = await sealedFolder()
  const { features, model, info } = await partsOf(sealed.folder)
  const moved = { ...model, coefficients: model.coefficients.map((value, i) => value + Math.floor(i / 2)) }
  const plain = createPredictor(features, model, info.labels).explain(TEXT, 100)
  const same = createPredictor(features, moved, info.labels).explain(TEXT, 100)
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
    learner: info.learner,
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

test('a folder is read whole, and only what was asked for is kept', async () => {
  await using sealed = await sealedFolder()
  const { files, info } = await readModelFolder(sealed.folder, name => name === 'model.bin')
  expect([...files.keys()]).toEqual(['model.bin'])
  expect(files.get('model.bin')).toHaveLength(info.files['model.bin']!.bytes)
  // A large one that is not wanted is read past, and checked all the same.
  const large = Buffer.alloc(2 ** 20 + 1, 'a')
  const manifest = join(sealed.folder, 'pressroom.json')
  const written = JSON.parse(await readFile(manifest, 'utf8'))
  written.files['README.md'] = { bytes: large.length, digest: digestBytes(large) }
  await writeFile(manifest, JSON.stringify(written))
  await writeFile(join(sealed.folder, 'README.md'), large)
  expect((await readModelFolder(sealed.folder)).files.size).toBe(0)
  large[2 ** 20] = 0
  await writeFile(join(sealed.folder, 'README.md'), large)
  await expect(readModelFolder(sealed.folder)).rejects.toMatchObject({ code: 'model-damaged' })
})

test('a link to a whole folder is followed', async () => {
  await using sealed = await sealedFolder()
  await symlink(sealed.folder, join(sealed.base, 'current'))
  expect(await digestModel(join(sealed.base, 'current'))).toBe(await digestModel(sealed.folder))
})

test('plain data come back from a container, whatever arrays are in it', () => {
  const doubles = fc
    .array(fc.double({ noNaN: true, noDefaultInfinity: true }))
    .map(list => Float64Array.from(list))
  const singles = fc
    .array(fc.float({ noNaN: true, noDefaultInfinity: true }))
    .map(list => Float32Array.from(list))
  const whole = fc.array(fc.integer()).map(list => Int32Array.from(list))
  // Where words end: by steps that a byte holds, or that none does.
  const ends = fc.array(fc.nat(300)).map(steps => {
    let end = 0
    return Uint32Array.from(steps, step => (end += step))
  })
  const arrays = fc.oneof(doubles, singles, whole, ends, fc.uint8Array(), fc.uint32Array())
  const leaf = fc.oneof(arrays, fc.string(), fc.boolean())
  const key = fc.stringMatching(/^[a-z]{1,8}$/)
  const inner = fc.oneof(leaf, fc.constant(null), fc.array(leaf, { maxLength: 3 }))
  const tree = fc.oneof(inner, fc.dictionary(key, inner, { maxKeys: 4 }))
  const property = fc.property(fc.dictionary(key, tree, { maxKeys: 5 }), given => {
    const bytes = encodeContainer(given, () => 'float64')
    expect(decodeContainer(bytes)).toEqual(given)
    expect(encodeContainer(given, () => 'float64')).toEqual(bytes)
  })
  fc.assert(property, { numRuns: 60 })
})

test('where words end takes a byte a word, unless one is longer than a byte can say', () => {
  const size = (words: number, bytes: number) => {
    const ends = Uint32Array.from({ length: words }, (_, i) => bytes * (i + 1))
    return encodeContainer({ ends }, () => undefined).length
  }
  expect(size(9000, 255) - size(3000, 255)).toBe(6000)
  expect(size(9000, 256) - size(3000, 256)).toBe(24_000)
})

test('a container of the first version is read', () => {
  const given = { ends: Uint32Array.of(3, 1000), a: Float64Array.of(0.5) }
  const bytes = encodeContainer(given, () => undefined)
  bytes[8] = 1
  expect(decodeContainer(bytes)).toEqual(given)
})

test.each([
  ['float16', 2, [1, 0.333251953125, 65504]],
  ['float32', 4, [1, Math.fround(1 / 3), 65504]],
  ['float64', 8, [1, 1 / 3, 65504]],
] as const)('doubles are rounded to %s and come back as doubles', (type, width, expected) => {
  const numbers = (length: number) => Float64Array.from({ length }, (_, i) => [1, 1 / 3, 65504][i % 3]!)
  expect(decodeContainer(encodeContainer({ a: numbers(3) }, () => type))).toEqual({
    a: Float64Array.from(expected),
  })
  const size = (length: number) => encodeContainer({ a: numbers(length) }, () => type).length
  expect(size(9000) - size(3000)).toBe(6000 * width)
  for (const value of [Number.NaN, Infinity, type === 'float64' ? Number.NaN : 1e39]) {
    expect(() => encodeContainer({ a: Float64Array.of(value) }, () => type)).toThrow('not finite')
  }
})

test('int8 keeps a scale a column, and rounding again changes nothing', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 4 }),
    // A scale of less than single precision's smallest normal number loses digits; no weight is so small.
    fc.array(
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map(value => (Math.abs(value) < 1e-30 ? 0 : value)),
      {
        maxLength: 12,
      },
    ),
    fc.boolean(),
    (columns, list, doubles) => {
      const whole = list.slice(0, list.length - (list.length % columns))
      const a = doubles ? Float64Array.from(whole) : Float32Array.from(whole)
      const encode = (data: object) => encodeContainer(data, () => ({ type: 'int8', columns }))
      const read = decodeContainer(encode({ a })) as { a: typeof a }
      expect(read.a.constructor).toBe(a.constructor)
      for (const [i, value] of read.a.entries()) {
        const column = whole.filter((_, j) => j % columns === i % columns)
        const largest = Math.max(...column.map(Math.abs))
        expect(Math.abs(value - a[i]!)).toBeLessThanOrEqual(largest / 253)
      }
      expect(decodeContainer(encode(read))).toEqual(read)
    },
  )
  fc.assert(property, { numRuns: 100 })
  expect(() =>
    encodeContainer({ a: Float64Array.of(1, Number.NaN) }, () => ({ type: 'int8', columns: 1 })),
  ).toThrow('not finite')
})

test.each(['[]', '[1,2]', '[0]', '[-1]', '["1"]'])(
  'scales of int8 that cannot be are refused: %s',
  scales => {
    const good = encodeContainer({ a: Float64Array.of(3, 2, 1) }, () => ({ type: 'int8', columns: 1 }))
    const header = JSON.stringify({
      data: { a: { array: 0 } },
      arrays: [{ type: 'int8', length: 3, doubles: true, scales: 0 }],
    })
    const text = header.replace('"scales":0', `"scales":${scales}`)
    const bytes = new Uint8Array(24 + Math.ceil(text.length / 8) * 8)
    bytes.set(good.subarray(0, 16))
    bytes.set(Buffer.from(text), 16)
    new DataView(bytes.buffer).setUint32(12, text.length, true)
    expect(() => decodeContainer(bytes)).toThrow('an array that cannot be')
  },
)

test.each([{ toString: null, valueOf: 1 }, ['float64'], 1, null])('%j is no type of an array', type => {
  const good = encodeContainer({ a: Float64Array.of(1) }, () => 'float64')
  const end = 16 + new DataView(good.buffer).getUint32(12, true)
  const header = JSON.parse(new TextDecoder().decode(good.subarray(16, end)))
  const place = placesIn(header).findIndex(path => path.join('.') === 'arrays.0.type')
  expect(() => decodeContainer(spoiltContainer(good, place, type))).toThrow('an array that cannot be')
})

test.each(['linear', 'voting'])(
  'whatever is in any place of a folder loads, or is damaged: %s',
  async kind => {
    await using temp = await tempFolder()
    const folder = join(temp.path, 'model')
    const [, learner] = LEARNERS.find(([, { kind: own }]) => (kind === 'voting') === (own === 'voting'))!
    await sealFitted(folder, learner)
    const names = ['pressroom.json', 'features.bin', 'model.bin'] as const
    const contents = new Map(
      await Promise.all(names.map(async name => [name, await readFile(join(folder, name))] as const)),
    )
    const manifest = contents.get('pressroom.json')!
    const property = fc.asyncProperty(
      fc.constantFrom(...names),
      fc.nat(),
      junk,
      async (name, place, value) => {
        const info = JSON.parse(`${manifest}`)
        if (name === 'pressroom.json')
          await writeFile(join(folder, name), spoiltText(`${manifest}`, place, value))
        else {
          const bytes = spoiltContainer(contents.get(name)!, place, value)
          await writeFile(join(folder, name), bytes)
          info.files[name] = { bytes: bytes.length, digest: digestBytes(bytes) }
          await writeFile(join(folder, 'pressroom.json'), JSON.stringify(info))
        }
        try {
          await using model = await loadModel(folder)
          await model.predict([TEXT])
          await model.explain(TEXT, 3)
        } catch (error) {
          expectOurs(error)
        }
        expectUnpolluted()
        for (const [name, content] of contents) await writeFile(join(folder, name), content)
      },
    )
    await fc.assert(property, { numRuns: 60 })
  },
)

const sigmoid = { method: 'sigmoid', cv: 2, ensemble: false } as const
const LEARNERS: readonly [engine: string, learner: Learner][] = [
  ['linear', { kind: 'logistic-regression' }],
  ['linear', { kind: 'naive-bayes' }],
  ['linear', { kind: 'complement-naive-bayes' }],
  ['linear', { kind: 'linear-svm', calibration: sigmoid }],
  ['linear', { kind: 'linear-svm', calibration: { method: 'isotonic', cv: 2 } }],
  ['linear', { kind: 'nb-weighted', calibration: { method: 'temperature', cv: 3 } }],
  ['native', { kind: 'kernel-svm', calibration: sigmoid }],
  ['native', { kind: 'mlp', parameters: { hiddenLayerSizes: [4], maxIter: 3 } }],
  ['native', { kind: 'random-forest', parameters: { nEstimators: 5 } }],
  [
    'linear',
    {
      kind: 'voting',
      how: 'soft',
      learners: [{ kind: 'naive-bayes' }, { kind: 'linear-svm', calibration: sigmoid }],
    },
  ],
]

test.each(LEARNERS)('any learner is sealed, and loaded it answers as fitted (%s): %j', async (...given) => {
  const [engine, learner] = given
  await using temp = await tempFolder()
  const folder = join(temp.path, 'model')
  const fitted = await sealFitted(folder, learner)
  await using model = await loadModel(folder)
  expect(model.info).toMatchObject({ engine, learner })
  expect(Object.keys(model.info.files)).toEqual(expect.arrayContaining(['MLmodel', 'model.onnx']))
  expect(fittedInfo(model).export).toMatchObject({ rows: HEADLINES.length, labelsDiffering: 0 })
  const texts = HEADLINES.map(row => row.text)
  const { features } = await partsOf(folder)
  const expected = openClassifier(fitted).probabilities(features.transform(texts))
  const answers = (await model.predict(texts)).flatMap(({ probabilities }) => [...probabilities])
  answers.forEach((probability, i) => {
    expect(probability).toBeCloseTo(expected[i]!, 5)
  })
  expect((await model.explain(TEXT, 3)).length).toBe(engine === 'linear' ? 3 : 0)
})

test.each(LEARNERS)('of any learner weights of int8 are told with their cost (%s): %j', async (...given) => {
  const [, learner] = given
  await using temp = await tempFolder()
  const [rounded, single] = [join(temp.path, 'int8'), join(temp.path, 'float32')]
  await sealFitted(rounded, learner, { precision: 'int8' })
  await sealFitted(single, learner)
  await using model = await loadModel(rounded)
  await using reference = await loadModel(single)
  const texts = HEADLINES.map(row => row.text)
  const answers = await model.predict(texts)
  const changed = (await reference.predict(texts)).filter(({ label }, i) => label !== answers[i]!.label)
  const { features, model: file } = partsSizes(model.info)
  expect(fittedInfo(model).rounding).toEqual({
    precision: 'int8',
    rows: HEADLINES.length,
    labelsChanged: changed.length,
    accuracy: model.info.metrics.validationAccuracy,
    accuracyBefore: reference.info.metrics.validationAccuracy,
    bytes: features + file,
    bytesBefore: partsSizes(reference.info).features + partsSizes(reference.info).model,
  })
  expect(fittedInfo(reference).rounding).toBeUndefined()
  expect(features + file).toBeLessThan(fittedInfo(model).rounding!.bytesBefore)
  expect(model.info.metrics).toMatchObject({ roundingLabelsChanged: changed.length })
  // What ONNX Runtime was asked are the rounded weights, too.
  expect(fittedInfo(model).export).toMatchObject({ rows: HEADLINES.length, labelsDiffering: 0 })
  expect(fittedInfo(model).textExport).toMatchObject({ rows: HEADLINES.length, labelsDiffering: 0 })
})

function partsSizes({ files }: ModelInfo) {
  return { features: files['features.bin']!.bytes, model: files['model.bin']!.bytes }
}

test('calibrated scores are explained by what they do to the log-odds', async () => {
  await using temp = await tempFolder()
  const folder = join(temp.path, 'model')
  await sealFitted(folder, { kind: 'linear-svm', calibration: sigmoid })
  await using model = await loadModel(folder)
  const odds = async (text: string) => {
    const [answer] = await model.predict([text])
    const { probabilities } = answer!
    return Math.log(probabilities[1]! / probabilities[0]!)
  }
  const sum = (await model.explain(TEXT, 100)).reduce(
    (total, e) => total + e.contributions[1]! - e.contributions[0]!,
    0,
  )
  expect(sum).toBeCloseTo((await odds(TEXT)) - (await odds('zyzzyva')), 9)
})

test('columns beside the text are part of golden examples and of every answer', async () => {
  await using temp = await tempFolder()
  const folder = join(temp.path, 'model')
  const rows = HEADLINES.map((row, i) => ({
    ...row,
    text: 'the same',
    columns: { desk: row.label === 'Sports' ? 'north' : 'south', words: String(i), other: 'x' },
  }))
  const columns = { desk: { kind: 'categorical' }, words: { kind: 'numeric' } } as const
  await sealFitted(folder, { kind: 'logistic-regression' }, { rows, settings: { columns } })
  await using model = await loadModel(folder)
  expect(model.info.golden[0]).toMatchObject({ text: 'the same', columns: { desk: 'north', words: '0' } })
  expect(Object.keys(model.info.golden[0]!.columns!)).toEqual(['desk', 'words'])
  expect((await model.predict(model.info.golden)).map(({ label }) => label)).toEqual(
    model.info.golden.map(({ label }) => label),
  )
  const explained = await model.explain({ text: '', columns: { desk: 'south', words: 5 } }, 9)
  expect(explained.map(({ ngram }) => ngram)).toContain('desk=south')
  await expect(model.predict(['only a text'])).rejects.toMatchObject({ code: 'invalid-rows' })
})

test('a forged model that would never answer is refused', async () => {
  await using temp = await tempFolder()
  const folder = join(temp.path, 'model')
  await sealFitted(folder, { kind: 'random-forest', parameters: { nEstimators: 2 } })
  const forge = FORGE('model.bin', bytes => {
    const model = decodeContainer(bytes) as { split: Int32Array; left: Int32Array }
    const node = model.split.findIndex(column => column >= 0)
    model.left[node] = node
    return encodeContainer(model, () => 'float64')
  })
  await forge(folder)
  await expect(loadModel(folder)).rejects.toMatchObject({
    code: 'model-damaged',
    message: expect.stringContaining('leads nowhere'),
  })
})

test('a folder of format 1 loads, answers its golden examples, and is looked at as closely', async () => {
  await using model = await loadModel(FORMAT_1)
  expect(model.info).toMatchObject({
    formatVersion: 1,
    engine: 'linear',
    learner: { kind: 'logistic-regression' },
    settings: { text: { text: { stopWords: 'english', ngramRange: [1, 2] } }, columns: {}, select: null },
  })
  const answers = await model.predict(model.info.golden)
  model.info.golden.forEach(({ label, probabilities }, i) => {
    expect(answers[i]!.label).toBe(label)
    probabilities.forEach((value, c) => {
      expect(answers[i]!.probabilities[c]).toBeCloseTo(value, 5)
    })
  })
  expect((await model.explain(TEXT, 2)).length).toBe(2)
  await using temp = await tempFolder()
  const twice = (bytes: Buffer) => {
    const [first, , ...rest] = bytes.toString().split('\n')
    return Buffer.from([first, first, ...rest].join('\n'))
  }
  const damages: [(folder: string) => Promise<unknown>, string][] = [
    [FORGE('weights.bin', patched(0, 0)), 'weights.bin: it does not start'],
    [FORGE('weights.bin', patched(8, 2)), 'its version is 2'],
    [FORGE('weights.bin', patched(10, 2)), 'number type is 2'],
    [FORGE('weights.bin', patched(15, 0xff)), 'features and 2 classes take'],
    [FORGE('weights.bin', patched(24, 0, 0, 0x80, 0x7f)), 'not finite'],
    [FORGE('vocabulary.txt', bytes => bytes.subarray(0, -1)), 'cut off'],
    [FORGE('vocabulary.txt', bytes => Buffer.from(`\n${bytes}`)), 'empty line'],
    [FORGE('vocabulary.txt', patched(0, 0xff)), 'vocabulary.txt:'],
    [FORGE('vocabulary.txt', () => Buffer.from('bank\n')), 'vocabulary.txt:'],
    [FORGE('vocabulary.txt', twice), 'comes twice'],
    [EDIT(/("ngramRange": \[\s+)1/, '$1 9'), 'ngramRange'],
    [EDIT('"features"', '"columns"'), 'features'],
  ]
  for (const [damage, message] of damages) {
    const folder = join(temp.path, 'damaged')
    await cp(FORMAT_1, folder, { recursive: true })
    await damage(folder)
    await expect(loadModel(folder)).rejects.toMatchObject({
      code: 'model-damaged',
      message: expect.stringContaining(message),
    })
    await rm(folder, { recursive: true })
  }
})

test('the ONNX writer writes what ONNX Runtime reads: constants and attributes of each kind', async () => {
  const session = await InferenceSession.create(
    encodeOnnx({
      name: 'kinds',
      opsets: { '': 17 },
      producer: { name: 'test', version: '1' },
      metadata: { note: 'ü' },
      inputs: [{ name: 'x', type: 'float32', shape: ['N', 2] }],
      outputs: [{ name: 'y', type: 'float32', shape: [3, 'N'] }],
      constants: [
        { name: 'w', shape: [3, 2], value: { type: 'float32', data: [1, -2, 3, -4, 5, -6] } },
        { name: 'order', shape: [3], value: { type: 'int64', data: [2, 0, 1] } },
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
    await expect(
      checkExport(featuresGraph(wrong, info.labels), matrix, { scores: ours }),
    ).rejects.toMatchObject({
      code: 'prediction-failed',
      message: expect.stringContaining(message),
    })
  }
  // Rows of the first class only: that is what ArgMax makes of NaN, so no label differs.
  const business = features.transform(HEADLINES.slice(6).map(row => row.text))
  const broken = featuresGraph({ ...model, intercepts: new Float64Array(2).fill(Number.NaN) }, info.labels)
  const answers = linearProbabilities(model, business)
  await expect(checkExport(broken, business, { scores: answers })).rejects.toThrow('0 of 6 labels differ')
  const none = features.transform([])
  expect(await checkExport(featuresGraph(model, info.labels), none, { scores: new Float64Array() })).toEqual({
    unchecked: 'there were no validation rows',
  })
})

/** What MLmodel says, and the input example as it names it. */
async function mlflowFilesIn(folder: string) {
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'))
  const { flavors, signature, saved_input_example_info: told } = await read('MLmodel')
  const example = await read(told.artifact_path)
  expect(await read(told.serving_input_path)).toEqual({ inputs: example })
  const [onnx, pyfunc] = [flavors.onnx.data, flavors.python_function.data]
  const columns = (text: string) =>
    JSON.parse(text).map(({ type, name }: { type: string; name?: string }) => [type, name])
  return {
    onnx,
    pyfunc,
    type: told.type,
    example,
    inputs: columns(signature.inputs),
    outputs: columns(signature.outputs),
  }
}

test('MLflow is given a column of texts where there is a graph of texts, and a column a class comes back', async () => {
  await using sealed = await sealedFolder()
  const { example, ...files } = await mlflowFilesIn(sealed.folder)
  expect(files).toEqual({
    onnx: 'text.onnx',
    pyfunc: 'pyfunc.onnx',
    type: 'json_object',
    inputs: [['string', undefined]],
    outputs: [
      ['string', 'label'],
      ['float', 'probability of Business'],
      ['float', 'probability of Sports'],
    ],
  })
  await using model = await loadModel(sealed.folder)
  expect(example).toEqual([model.info.golden[0]!.text])
  const texts = [...example, ...HEADLINES.map(row => row.text), '']
  const session = await InferenceSession.create(join(sealed.folder, files.pyfunc))
  const answers = await session.run({ text: new Tensor('string', texts, [texts.length, 1]) })
  const expected = await model.predict(texts)
  expect(Object.keys(answers)).toEqual(files.outputs.map(([, name]: [string, string]) => name))
  expect(answers.label!.data).toEqual(expected.map(({ label }) => label))
  for (const [c, label] of model.info.labels.entries()) {
    const { dims, data } = answers[`probability of ${label}`]!
    expect(dims).toEqual([texts.length])
    Array.from(data as Float32Array).forEach((value, row) => {
      expect(value).toBeCloseTo(expected[row]!.probabilities[c]!, 5)
    })
  }
})

test('else it is given features, and its example is the first golden one, which the graph answers as the model does', async () => {
  await using temp = await tempFolder()
  const settings = { text: { text: { analyzer: 'char_wb', ngramRange: [2, 3] } } } as const
  await sealFitted(temp.path, { kind: 'logistic-regression' }, { settings })
  const { example, ...files } = await mlflowFilesIn(temp.path)
  expect(files).toMatchObject({ onnx: 'model.onnx', pyfunc: 'model.onnx', type: 'ndarray' })
  const shape = [1, example.ids[0].length]
  const session = await InferenceSession.create(join(temp.path, 'model.onnx'))
  const { probabilities } = await session.run({
    ids: new Tensor('int64', BigInt64Array.from(example.ids[0], BigInt), shape),
    values: new Tensor('float32', Float32Array.from(example.values[0]), shape),
  })
  const { golden } = (await partsOf(temp.path)).info
  Array.from(probabilities!.data as Float32Array).forEach((value, c) => {
    expect(value).toBeCloseTo(golden[0].probabilities[c], 5)
  })
})

test('a folder that was sealed before there were input examples loads', async () => {
  await using sealed = await sealedFolder()
  const examples = ['input_example.json', 'serving_input_example.json']
  const info = JSON.parse(await readFile(join(sealed.folder, 'pressroom.json'), 'utf8'))
  for (const name of examples) {
    delete info.files[name]
    await rm(join(sealed.folder, name))
  }
  await writeFile(join(sealed.folder, 'pressroom.json'), JSON.stringify(info))
  await using model = await loadModel(sealed.folder)
  expect(await model.predict([TEXT])).toHaveLength(1)
})

test('sealing needs labels that the model has, and works without validation rows', async () => {
  await using sealed = await sealedFolder()
  const { features, model, info } = await partsOf(sealed.folder)
  const folder = join(sealed.base, 'other')
  const { learner, labels, fingerprints } = info
  const unsealed = { features, model, learner, labels, metrics: {}, fingerprints }
  const rejected = sealModel(folder, { ...unsealed, validation: [{ text: 'Rain', label: 'Weather' }] })
  await expect(rejected).rejects.toMatchObject({
    code: 'invalid-rows',
    message: expect.stringContaining('"Weather"'),
  })
  await expect(readdir(folder)).rejects.toThrow('ENOENT')
  const report = await sealModel(folder, { ...unsealed, validation: [] })
  expect(await readFile(join(folder, 'input_example.json'), 'utf8')).toBe('["a text"]\n')
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
  // A few lines of JavaScript, for messages that say what was meant.
  expect(packages).toEqual(['fastest-levenshtein'])
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
  expect(fittedInfo(model).export).toEqual({ unchecked: 'onnxruntime-node is not installed' })
  expect(fittedInfo(model).textExport).toEqual(fittedInfo(model).export)
  expect(model.info.metrics.validationAccuracy).toBe(1)
})
