import { loadLemmatizer } from './lemmas.ts'
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
