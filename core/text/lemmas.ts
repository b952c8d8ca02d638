/// <reference path="./wink-lexicon.d.ts" />
import { PressroomError } from '../errors.ts'
import { own } from '../object.ts'
import type { VectorizerSettings } from './settings.ts'
import { type Gaps, NOUN_GAPS, VERB_GAPS } from './wordnet-gaps.ts'

type Lemmatizer = (word: string) => string
type Rules = readonly (readonly [ending: string, instead: string])[]

/** WordNet's detachment rules (its manual, morphy(7WN)) as NLTK has them, which adds "ves". */
const NOUN_RULES: Rules = [
  ['s', ''],
  ['ses', 's'],
  ['ves', 'f'],
  ['xes', 'x'],
  ['zes', 'z'],
  ['ches', 'ch'],
  ['shes', 'sh'],
  ['men', 'man'],
  ['ies', 'y'],
]
const VERB_RULES: Rules = [
  ['s', ''],
  ['ies', 'y'],
  ['es', 'e'],
  ['es', ''],
  ['ed', 'e'],
  ['ed', ''],
  ['ing', 'e'],
  ['ing', ''],
]

/** WordNet's lexicographer files of nouns and of verbs, from and to (lexnames(5WN)). */
const NOUN_FILES = [3, 28] as const
const VERB_FILES = [29, 43] as const

/**
 * What NLTK's WordNetLemmatizer answers (its `lemmatize` of release 3.10): the shortest of those forms of a word that WordNet 3.0 has
 * as that part of speech, the word itself among them, and the word where there is none. So "us" becomes "u", as it does there.
 *
 * @throws PressroomError `package-missing` when wink-lexicon is not installed
 */
export async function loadLemmatizer(
  lemmas: Exclude<VectorizerSettings['lemmas'], 'none'>,
): Promise<Lemmatizer> {
  const { words, files, nouns, verbs } = await loadTables(lemmas)
  const lemmatizerOf = (
    [from, to]: readonly [number, number],
    exceptions: Readonly<Record<string, string>>,
    rules: Rules,
    { lacking, added, irregular }: Gaps,
  ): Lemmatizer => {
    const isWord = (form: string) => {
      const place = own(words, form)
      const listed = place !== undefined && files[place]!.some(file => file >= from && file <= to)
      return listed ? !added.has(form) : lacking.has(form)
    }
    return word => {
      const known = irregular.get(word)
      if (known !== undefined) return known
      const exception = own(exceptions, word)
      const forms = exception === undefined ? detached(word, rules) : [exception]
      const [first, ...others] = [word, ...forms].filter(isWord)
      return others.reduce((best, form) => (form.length < best.length ? form : best), first ?? word)
    }
  }
  const noun = lemmatizerOf(NOUN_FILES, nouns, NOUN_RULES, NOUN_GAPS)
  const verb = lemmatizerOf(VERB_FILES, verbs, VERB_RULES, VERB_GAPS)
  if (lemmas === 'noun') return noun
  return lemmas === 'verb' ? verb : word => verb(noun(word))
}

function detached(word: string, rules: Rules): string[] {
  return rules
    .filter(([ending]) => word.endsWith(ending))
    .map(([ending, instead]) => word.slice(0, -ending.length) + instead)
}

async function loadTables(lemmas: string) {
  try {
    const [words, files, nouns, verbs] = await Promise.all([
      import('wink-lexicon/src/wn-words.js'),
      import('wink-lexicon/src/wn-word-senses.js'),
      import('wink-lexicon/src/wn-noun-exceptions.js'),
      import('wink-lexicon/src/wn-verb-exceptions.js'),
    ])
    return { words: words.default, files: files.default, nouns: nouns.default, verbs: verbs.default }
  } catch (cause) {
    throw new PressroomError('package-missing', 'wink-lexicon is not installed', {
      where: `lemmas is ${JSON.stringify(lemmas)}, and WordNet's words come from it`,
      fix: 'npm install wink-lexicon, or set lemmas to none',
      cause,
    })
  }
}
