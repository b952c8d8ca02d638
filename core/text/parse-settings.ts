import { PressroomError } from '../errors.ts'
import { suggest } from '../nearest.ts'
import { objectIn, shown } from '../object.ts'
import { DEFAULTS } from './defaults.ts'
import type {
  CategoricalSettings,
  ColumnSettings,
  FeatureSettings,
  NumericSettings,
  VectorizerSettings,
} from './settings.ts'
import { parseTokenPattern, TOKEN_PATTERNS } from './token-pattern.ts'

/** Settings as a person writes them: what is left out has its default. */
export interface FeatureSettingsInput {
  readonly text?: Readonly<Record<string, Partial<VectorizerSettings>>>
  readonly columns?: Readonly<
    Record<
      string,
      | (Partial<NumericSettings> & { kind: 'numeric' })
      | (Partial<CategoricalSettings> & { kind: 'categorical' })
    >
  >
  readonly select?: { readonly k: number } | null
}

type Faults = string[]
/** Whether a value is allowed, and how to say what would be. */
type Rule = readonly [allowed: string, holds: (value: unknown) => boolean]

const A_BOOLEAN: Rule = ['true or false', value => typeof value === 'boolean']
const oneOf = (...values: string[]): Rule => [
  values.map(value => JSON.stringify(value)).join(' or '),
  value => values.includes(value as string),
]
const whole = (least: number, most = Number.MAX_SAFE_INTEGER): Rule => [
  most === Number.MAX_SAFE_INTEGER
    ? `a whole number from ${least} up`
    : `a whole number from ${least} to ${most}`,
  value => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
]
const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
const isShare = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1

/** Matrices are indexed by 32-bit integers; the last ones are left to the columns beside. */
const MOST_COLUMNS = 2 ** 30
const LONGEST_NGRAM = 16

const VECTORIZER_RULES: Readonly<Record<keyof VectorizerSettings, Rule>> = {
  vectorizer: oneOf('tfidf', 'count', 'hashing'),
  weight: [
    'a number above 0',
    value => typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY,
  ],
  decodeEntities: A_BOOLEAN,
  unicodeForm: oneOf('none', 'NFC', 'NFKC'),
  removeUrls: A_BOOLEAN,
  removeMentions: A_BOOLEAN,
  lowercase: A_BOOLEAN,
  stripAccents: oneOf('none', 'unicode', 'ascii'),
  removeNumbers: A_BOOLEAN,
  removePunctuation: A_BOOLEAN,
  minTextLength: whole(0),
  analyzer: oneOf('word', 'char', 'char_wb'),
  tokenizer: oneOf('default', 'unicode'),
  tokenPattern: [
    TOKEN_PATTERNS,
    value => typeof value === 'string' && parseTokenPattern(value) !== undefined,
  ],
  stopWords: [
    '"none", "english", "nltk" or a list of words',
    value =>
      ['none', 'english', 'nltk'].includes(value as string) ||
      (Array.isArray(value) && value.every(word => typeof word === 'string' && word !== '')),
  ],
  lemmas: oneOf('none', 'noun', 'verb', 'noun-verb'),
  ngramRange: [
    `two whole numbers from 1 to ${LONGEST_NGRAM}, the fewer first`,
    value =>
      Array.isArray(value) &&
      value.length === 2 &&
      value.every(Number.isSafeInteger) &&
      value[0] >= 1 &&
      value[0] <= value[1] &&
      value[1] <= LONGEST_NGRAM,
  ],
  minDf: ['a whole number of texts, or a share below 1', value => isWhole(value) || isShare(value)],
  maxDf: [
    'a share up to 1, or a whole number of texts from 2',
    value => isShare(value) || (isWhole(value) && (value as number) >= 2),
  ],
  maxFeatures: [
    'a whole number from 1 up, or null',
    value => value === null || (isWhole(value) && value !== 0),
  ],
  binary: A_BOOLEAN,
  useIdf: A_BOOLEAN,
  smoothIdf: A_BOOLEAN,
  sublinearTf: A_BOOLEAN,
  norm: oneOf('l1', 'l2', 'none'),
  nFeatures: whole(1, MOST_COLUMNS),
  alternateSign: A_BOOLEAN,
}

/** Settings that mean something to some vectorisers or analyzers only; set for another, they would be silently ignored. */
const ONLY_FOR: Readonly<
  Partial<Record<keyof VectorizerSettings, readonly [keyof VectorizerSettings, string[]]>>
> = {
  minDf: ['vectorizer', ['tfidf', 'count']],
  maxDf: ['vectorizer', ['tfidf', 'count']],
  maxFeatures: ['vectorizer', ['tfidf', 'count']],
  useIdf: ['vectorizer', ['tfidf']],
  smoothIdf: ['vectorizer', ['tfidf']],
  sublinearTf: ['vectorizer', ['tfidf']],
  nFeatures: ['vectorizer', ['hashing']],
  alternateSign: ['vectorizer', ['hashing']],
  tokenizer: ['analyzer', ['word']],
  tokenPattern: ['analyzer', ['word']],
  stopWords: ['analyzer', ['word']],
  lemmas: ['analyzer', ['word']],
}

/**
 * Completes and checks settings from outside.
 * @throws PressroomError `invalid-setting` that lists every fault
 */
export function parseFeatureSettings(input: unknown): FeatureSettings {
  const faults: Faults = []
  const {
    text = { text: {} },
    columns = {},
    select = null,
    ...rest
  } = objectIn(input, 'the settings', faults)
  for (const key of Object.keys(rest))
    faults.push(`there is no ${key}${suggest(key, ['text', 'columns', 'select'])}`)
  const settings: FeatureSettings = {
    text: eachOf(text, 'text', faults, parseVectorizer),
    columns: eachOf(columns, 'columns', faults, parseColumn),
    select: parseSelect(select, faults),
  }
  if (faults.length === 0 && Object.keys({ ...settings.text, ...settings.columns }).length === 0) {
    faults.push('text and columns are both empty, so that there is nothing to learn from')
  }
  if (faults.length > 0) {
    throw new PressroomError('invalid-setting', 'the feature settings are not valid', {
      where: faults.join('\n  '),
      fix: 'docs/text.md lists every setting with its values and its default',
    })
  }
  return settings
}

function parseVectorizer(input: unknown, at: string, faults: Faults): VectorizerSettings {
  const given = objectIn(input, at, faults)
  const norm = given.vectorizer === 'count' ? 'none' : 'l2'
  const settings = { ...DEFAULTS, norm, ...given } as VectorizerSettings
  const keys = Object.keys(DEFAULTS) as (keyof VectorizerSettings)[]
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(DEFAULTS, key)) faults.push(`${at} has no ${key}${suggest(key, keys)}`)
  }
  for (const key of keys) {
    const [allowed, holds] = VECTORIZER_RULES[key]
    if (!holds(settings[key])) faults.push(`${at}.${key} must be ${allowed}, not ${shown(settings[key])}`)
    const [depends, values] = ONLY_FOR[key] ?? []
    if (depends === undefined || settings[key] === DEFAULTS[key]) continue
    if (!values!.includes(settings[depends] as string)) {
      faults.push(
        `${at}.${key} is a setting of ${depends} ${values!.join(' and ')}, not of ${shown(settings[depends])}`,
      )
    }
  }
  if (settings.tokenizer === 'unicode' && settings.tokenPattern !== DEFAULTS.tokenPattern) {
    faults.push(`${at}.tokenPattern is a setting of tokenizer default, not of "unicode"`)
  }
  const { minDf, maxDf } = settings
  if (typeof minDf === 'number' && typeof maxDf === 'number' && minDf > maxDf) {
    // A share of the texts and a number of them cannot be compared.
    const comparable = minDf >= 1 ? maxDf > 1 : maxDf <= 1
    if (comparable) faults.push(`${at}.minDf is ${minDf}, above maxDf, which is ${maxDf}`)
  }
  return settings
}

function parseColumn(input: unknown, at: string, faults: Faults): ColumnSettings {
  const given = objectIn(input, at, faults)
  const rules: Record<string, Rule> =
    given.kind === 'categorical'
      ? { kind: oneOf('categorical'), handleUnknown: oneOf('ignore', 'error') }
      : {
          kind: oneOf('numeric', 'categorical'),
          scale: oneOf('standard', 'minmax', 'none'),
          missing: oneOf('error', 'mean'),
        }
  const defaults =
    given.kind === 'categorical' ? { handleUnknown: 'ignore' } : { scale: 'standard', missing: 'error' }
  const settings = { ...defaults, ...given } as Record<string, unknown>
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(rules, key)) faults.push(`${at} has no ${key}${suggest(key, Object.keys(rules))}`)
  }
  for (const [key, [allowed, holds]] of Object.entries(rules)) {
    if (!holds(settings[key])) faults.push(`${at}.${key} must be ${allowed}, not ${shown(settings[key])}`)
  }
  return settings as unknown as ColumnSettings
}

function parseSelect(input: unknown, faults: Faults): { k: number } | null {
  if (input === null) return null
  const { k, ...rest } = objectIn(input, 'select', faults)
  for (const key of Object.keys(rest)) faults.push(`select has no ${key}; it has k`)
  const [allowed, holds] = whole(1)
  if (!holds(k)) faults.push(`select.k must be ${allowed}, not ${shown(k)}`)
  return { k: k as number }
}

function eachOf<T>(
  input: unknown,
  at: string,
  faults: Faults,
  parse: (input: unknown, at: string, faults: Faults) => T,
): Record<string, T> {
  const entries = Object.entries(objectIn(input, at, faults))
  for (const [name] of entries) {
    // A name that is a whole number would change its place among an object's keys, and with it the columns.
    if (name === '' || /^\d+$/.test(name))
      faults.push(`${at} cannot have the name ${shown(name)}; begin it with a letter`)
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, parse(value, `${at}.${name}`, faults)]))
}
