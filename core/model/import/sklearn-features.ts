import { isDeepStrictEqual } from 'node:util'
import { aNumber, aString, type Decoder, listOf, maybe, objectOf } from '../../decode.ts'
import { PressroomError } from '../../errors.ts'
import { shown as shownAsJson } from '../../object.ts'
import { DEFAULTS } from '../../text/defaults.ts'
import { type FeatureSettings, type FeatureState, parseFeatureSettings } from '../../text/index.ts'
import { ENGLISH_STOP_WORDS } from '../../text/stop-words.ts'
import { parseTokenPattern, TOKEN_PATTERNS } from '../../text/token-pattern.ts'
import { arrayOf } from '../fitted-model.ts'
import { aStep, learnt, orNull, packedStrings, type Step } from './dump.ts'
import { inexpressible } from './refuse.ts'
import { flattened } from './sklearn-steps.ts'

type Settings = Record<string, unknown>
type VectorizerState = FeatureState['text'][string]

/** A vectoriser of ours, as settings to be completed, and what it learnt. */
interface Block {
  readonly settings: Settings
  readonly state: VectorizerState
}

const PIPE = 'a vectoriser, or a FeatureUnion of some, and SelectKBest(chi2)'

const aPart: Decoder<{ name: string; weight: number; step: Step }> = objectOf({
  name: aString,
  weight: aNumber,
  step: aStep,
})
const idf = arrayOf(Float64Array)

/**
 * The steps before the classifier as features of ours.
 * @throws PressroomError `not-importable` that names the step and the parameter
 */
export function featuresOf(steps: readonly Step[]): FeatureState {
  const [first, ...rest] = steps
  if (first === undefined) {
    throw inexpressible(
      'nothing makes features of the texts: the classifier stands alone',
      'export the whole Pipeline, its vectoriser with the classifier',
    )
  }
  const union = first.type === 'FeatureUnion'
  const own = union ? 0 : rest.findIndex(({ type }) => type !== 'TfidfTransformer')
  const behind = own < 0 ? [] : rest.slice(own)
  const blocks = union
    ? unionOf(first)
    : [['text', blockOf([first, ...rest.slice(0, rest.length - behind.length)], 1)] as const]
  const selected = selectionOf(behind)
  const settings = parsed({
    text: Object.fromEntries(blocks.map(([name, { settings }]) => [name, settings])),
    select: selected === null ? null : { k: selected.length },
  })
  const text = Object.fromEntries(blocks.map(([name, { state }]) => [name, state]))
  return { settings, text, columns: {}, selected }
}

function unionOf(union: Step): (readonly [string, Block])[] {
  const { parts } = learnt(union, { parts: listOf(aPart) })
  return parts
    .filter(({ step }) => step.type !== 'drop')
    .map(({ name, weight, step }, i) => {
      // A name that is a number would change its place among an object's keys, and with it the columns.
      return [/^\d*$/.test(name) ? `part${i}` : name, blockOf(flattened(step), weight)] as const
    })
}

function selectionOf(steps: readonly Step[]): Int32Array | null {
  const [first, ...rest] = steps
  if (first === undefined) return null
  const chi2 = (first.params.score_func as { python?: unknown } | undefined)?.python
  if (first.type !== 'SelectKBest' || rest.length > 0) {
    const odd = first.type === 'SelectKBest' ? rest[0]!.type : first.type
    throw inexpressible(`${odd} stands between vectoriser and classifier`, `what comes in is ${PIPE}`)
  }
  if (typeof chi2 !== 'string' || !/\.chi2$/.test(chi2)) {
    throw inexpressible(`SelectKBest.score_func is ${shown(first.params.score_func)}`, 'select with chi2')
  }
  return learnt(first, { support: arrayOf(Int32Array) }).support
}

/** One vectoriser, with the TfidfTransformer that may follow it. */
function blockOf(steps: readonly Step[], weight: number): Block {
  const [first, second, third] = steps
  const other = third ?? (second?.type === 'TfidfTransformer' ? undefined : second)
  if (other !== undefined || first === undefined) {
    throw inexpressible(`${other?.type ?? 'a part'} stands in a FeatureUnion`, `what comes in is ${PIPE}`)
  }
  switch (first.type) {
    case 'TfidfVectorizer': {
      if (second !== undefined)
        throw inexpressible('TfidfTransformer follows TfidfVectorizer', 'leave it out')
      const settings = { ...textOf(first), ...fittedBy(first), ...weightsOf(first), weight }
      return { settings: { vectorizer: 'tfidf', ...settings }, state: vocabularyOf(first, first) }
    }
    case 'CountVectorizer': {
      requireDoubles(first, /^(u?int\d+|float64)$/)
      const common = { ...textOf(first), ...fittedBy(first), weight }
      if (second === undefined) {
        return { settings: { vectorizer: 'count', ...common }, state: vocabularyOf(first, undefined) }
      }
      const settings = { vectorizer: 'tfidf', ...common, ...weightsOf(second) }
      return { settings, state: vocabularyOf(first, second) }
    }
    case 'HashingVectorizer': {
      if (second !== undefined) {
        throw inexpressible(
          'TfidfTransformer follows HashingVectorizer',
          'leave it out, or take TfidfVectorizer: hashed columns have no document frequencies here',
        )
      }
      requireDoubles(first)
      const { n_features: nFeatures, alternate_sign: alternateSign, norm } = first.params
      const settings = { ...textOf(first), nFeatures, alternateSign, norm: norm ?? 'none', weight }
      return { settings: { vectorizer: 'hashing', ...settings }, state: {} }
    }
    default:
      throw inexpressible(
        `${first.type} makes the features`,
        'TfidfVectorizer, CountVectorizer (with or without TfidfTransformer) and HashingVectorizer come in; export what is fitted on texts alone',
      )
  }
}

function vocabularyOf(step: Step, tfidf: Step | undefined): VectorizerState {
  const { vocabulary } = learnt(step, { vocabulary: packedStrings })
  const weights = tfidf === undefined ? undefined : learnt(tfidf, { idf: maybe(idf) }).idf
  return { vocabulary, ...(weights && { idf: weights }) }
}

/** How texts are read: what all vectorisers have in common. */
function textOf({ type, params, ...step }: Step): Settings {
  const must = (name: string, values: readonly unknown[], fix: string) => {
    if (values.includes(params[name] ?? null)) return
    throw inexpressible(`${type}.${name} is ${shown(params[name])}`, fix)
  }
  must('input', ['content'], 'fit it on texts, not on files')
  must('preprocessor', [null], 'functions of your own do not come in: docs/text.md lists what cleans a text')
  must('tokenizer', [null], "functions of your own do not come in: take scikit-learn's own token pattern")
  must(
    'analyzer',
    ['word', 'char', 'char_wb'],
    'functions of your own do not come in: word, char and char_wb do',
  )
  must(
    'strip_accents',
    [null, 'ascii', 'unicode'],
    'functions of your own do not come in: ascii and unicode do',
  )
  const words = params.analyzer === 'word'
  const pattern = words ? tokenPatternOf(type, params.token_pattern) : undefined
  const { stop_words: stopWords } = learnt({ type, params, ...step }, { stop_words: orNull(listOf(aString)) })
  return {
    analyzer: params.analyzer,
    lowercase: params.lowercase,
    stripAccents: params.strip_accents ?? 'none',
    ngramRange: params.ngram_range,
    binary: params.binary,
    ...(pattern !== undefined && { tokenPattern: pattern }),
    ...(words && stopWords !== null && { stopWords: isEnglish(stopWords) ? 'english' : stopWords }),
  }
}

/** The setting; of the patterns with the meaning of our default, that. */
function tokenPatternOf(type: string, pattern: unknown): string {
  const own = parseTokenPattern(DEFAULTS.tokenPattern)!
  const parsed = typeof pattern === 'string' ? parseTokenPattern(pattern) : undefined
  if (parsed === undefined) {
    throw inexpressible(`${type}.token_pattern is ${shown(pattern)}`, `what comes in is ${TOKEN_PATTERNS}`)
  }
  return isDeepStrictEqual(parsed, own) ? DEFAULTS.tokenPattern : (pattern as string)
}

/** What only the fit looked at, as far as it can be said; a vocabulary that was given knows none of it. */
function fittedBy({ params }: Step): Settings {
  const { min_df: minDf, max_df: maxDf, max_features: maxFeatures } = params
  const settings = { minDf, maxDf, maxFeatures }
  try {
    parseFeatureSettings({ text: { text: settings } })
    return settings
  } catch {
    return {}
  }
}

function weightsOf(step: Step): Settings {
  if (step.type === 'TfidfVectorizer') requireDoubles(step)
  const { norm, use_idf: useIdf, smooth_idf: smoothIdf, sublinear_tf: sublinearTf } = step.params
  return { norm: norm ?? 'none', useIdf, smoothIdf, sublinearTf }
}

/** Numbers of less than double precision would be rounded on the way; whole ones of any size are not. */
function requireDoubles({ type, params }: Step, exact = /^float64$/): void {
  if (typeof params.dtype === 'string' && exact.test(params.dtype)) return
  throw inexpressible(`${type}.dtype is ${shown(params.dtype)}`, 'fit it with the default dtype')
}

function isEnglish(words: readonly string[]): boolean {
  return words.length === ENGLISH_STOP_WORDS.size && words.every(word => ENGLISH_STOP_WORDS.has(word))
}

function parsed(settings: object): FeatureSettings {
  try {
    return parseFeatureSettings(settings)
  } catch (error) {
    if (!(error instanceof PressroomError)) throw error
    throw inexpressible(error.where ?? error.what, 'docs/text.md lists what each setting can be')
  }
}

/** A function by its name, everything else as JSON. */
function shown(value: unknown): string {
  const { python } = (value ?? {}) as { python?: unknown }
  return typeof python === 'string' ? python : shownAsJson(value ?? null)
}
