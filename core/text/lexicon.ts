/// <reference path="./wink-lemmatizer.d.ts" />
import { PressroomError } from '../errors.ts'
import type { VectorizerSettings } from './settings.ts'
import { ENGLISH_STOP_WORDS, NLTK_STOP_WORDS } from './stop-words.ts'

/** What the settings of a vectoriser need of the world's knowledge: lists and libraries. */
export interface Lexicon {
  readonly stopWords: ReadonlySet<string>
  /** A word's base form; absent when lemmas are not wanted. */
  readonly lemmatize: ((word: string) => string) | undefined
  /** A text without HTML entities; absent when they may stay. */
  readonly decodeEntities: ((text: string) => string) | undefined
}

/** Loads what the settings need, and nothing else: the lemmas are three megabytes. */
export async function loadLexicon(settings: VectorizerSettings): Promise<Lexicon> {
  const { stopWords, lemmas, decodeEntities } = settings
  return {
    stopWords: stopWordsOf(stopWords),
    lemmatize: lemmas === 'none' ? undefined : await loadLemmatizer(lemmas),
    decodeEntities: decodeEntities ? (await import('entities')).decodeHTML : undefined,
  }
}

export function stopWordsOf(list: VectorizerSettings['stopWords']): ReadonlySet<string> {
  if (list === 'english') return ENGLISH_STOP_WORDS
  if (list === 'nltk') return NLTK_STOP_WORDS
  return new Set(list === 'none' ? [] : list)
}

/**
 * @throws PressroomError `package-missing` when wink-lemmatizer is not installed
 */
async function loadLemmatizer(lemmas: 'noun' | 'verb' | 'noun-verb'): Promise<(word: string) => string> {
  const { default: wink } = await import('wink-lemmatizer').catch(cause => {
    throw new PressroomError('package-missing', 'wink-lemmatizer is not installed', {
      where: `lemmas is ${JSON.stringify(lemmas)}, and WordNet's base forms come from it`,
      fix: 'npm install wink-lemmatizer, or set lemmas to none',
      cause,
    })
  })
  // Its tables are plain objects, so that it takes "constructor" for a word whose base form is a function.
  const safely = (lemmatize: (word: string) => unknown) => (word: string) => {
    if (word in Object.prototype) return word
    return lemmatize(word) as string
  }
  const noun = safely(wink.noun)
  const verb = safely(wink.verb)
  if (lemmas === 'noun') return noun
  return lemmas === 'verb' ? verb : word => verb(noun(word))
}
