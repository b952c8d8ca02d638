import { aNumber, aString, type Decoder, listOf, maybe, objectOf, recordOf } from '../decode.ts'
import type { FeatureSettings, FeatureState } from '../text/index.ts'
import { arrayOf } from './fitted-model.ts'

type VectorizerState = FeatureState['text'][string]
type ColumnState = FeatureState['columns'][string]

const bytes = arrayOf(Uint8Array)

const aVocabulary = objectOf({ bytes, ends: arrayOf(Uint32Array) })

/** Vocabulary and weights, those that the vectoriser has; restoreFeatures sees whether they fit its settings. */
const aVectorizerState: Decoder<VectorizerState> = (value, at) => {
  const { vocabulary, idf } = objectOf({ vocabulary: maybe(aVocabulary), idf: maybe(arrayOf(Float64Array)) })(
    value,
    at,
  )
  if (vocabulary !== undefined) requireWords(vocabulary, at)
  return { ...(vocabulary && { vocabulary }), ...(idf && { idf }) }
}

/** Ends that do not fall and stay within the bytes, which are UTF-8. */
function requireWords({ bytes, ends }: NonNullable<VectorizerState['vocabulary']>, at: string): void {
  let before = 0
  for (let i = 0; i < ends.length; i++) {
    if (ends[i]! <= before) throw new Error(`${at}.vocabulary: n-gram ${i} is empty or ends before it begins`)
    before = ends[i]!
  }
  if (before !== bytes.length)
    throw new Error(`${at}.vocabulary has ${bytes.length} bytes; its n-grams take ${before}`)
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error(`${at}.vocabulary is not UTF-8`)
  }
}

const aNumericState = objectOf({ center: aNumber, scale: aNumber, mean: aNumber })
const aCategoricalState = objectOf({ categories: listOf(aString) })
const aColumnState: Decoder<ColumnState> = (value, at) => {
  const categorical = typeof value === 'object' && value !== null && 'categories' in value
  return categorical ? aCategoricalState(value, at) : aNumericState(value, at)
}

const aSelection: Decoder<Int32Array | null> = (value, at) =>
  value === null ? null : arrayOf(Int32Array)(value, at)

const aState = objectOf({
  text: recordOf(aVectorizerState),
  columns: recordOf(aColumnState),
  selected: aSelection,
})

/**
 * Reads what features learnt from plain data; the settings stand in the manifest.
 * @throws Error with a clause that says what is wrong
 */
export function decodeFeatureState(value: unknown, settings: FeatureSettings): FeatureState {
  const state = aState(value, 'features')
  for (const [part, kinds] of [
    ['text', settings.text],
    ['columns', settings.columns],
  ] as const) {
    const extra = Object.keys(state[part]).find(name => !Object.hasOwn(kinds, name))
    if (extra !== undefined) throw new Error(`${part}.${extra} is in no setting`)
    for (const name of Object.keys(kinds)) {
      if (!Object.hasOwn(state[part], name)) throw new Error(`${part}.${name} is missing`)
    }
  }
  for (const [name, { kind }] of Object.entries(settings.columns)) {
    if ('categories' in state.columns[name]! !== (kind === 'categorical')) {
      throw new Error(`columns.${name} is not ${kind}, as the settings say`)
    }
  }
  return { settings, ...state }
}
