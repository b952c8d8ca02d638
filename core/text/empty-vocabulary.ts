import { counted } from '../counted.ts'
import { PressroomError } from '../errors.ts'
import { Characters } from './characters.ts'
import { type Frequencies, limitsOf } from './choose.ts'
import { DEFAULTS } from './defaults.ts'
import type { Lexicon } from './lexicon.ts'
import { preparation } from './prepare.ts'
import type { VectorizerSettings } from './settings.ts'
import { Tokens } from './tokens.ts'

/** What fitting saw, for whoever must explain that nothing of it is left. */
export interface Seen {
  readonly frequencies: Frequencies
  /** Whether any text had a word (or, of characters, a piece), stop words included. */
  readonly any: boolean
  /** Whether any word was no stop word. */
  readonly anyCounted: boolean
  /** Some texts as they came. */
  readonly sample: readonly string[]
}

/** What each switch is set to when it takes nothing away, in the order in which they are blamed. */
const HARMLESS: readonly Partial<VectorizerSettings>[] = [
  { minTextLength: 0 },
  { stripAccents: 'none' },
  { removeNumbers: false },
  { removePunctuation: false },
  { removeUrls: false },
  { removeMentions: false },
  { tokenPattern: DEFAULTS.tokenPattern },
  { tokenizer: 'unicode' },
]

/**
 * The error for a vocabulary without an n-gram, which names the setting that removed the last.
 * @param name of the vectoriser, for the message
 */
export function emptyVocabulary(
  name: string,
  settings: VectorizerSettings,
  lexicon: Lexicon,
  { frequencies, any, anyCounted, sample }: Seen,
): PressroomError {
  const { texts, size, nodes } = frequencies
  const rows = `the ${counted(texts, 'text')}`
  const error = (where: string, fix: string) =>
    new PressroomError('empty-vocabulary', 'no n-gram is left to learn from', {
      where: name === '' ? where : `${name}.${where}`,
      fix,
    })
  const { minDf, maxDf, ngramRange, analyzer } = settings
  if (!any) {
    const culprit = HARMLESS.find(change => hasAny({ ...settings, ...change }, lexicon, sample))
    const [setting] = culprit === undefined ? [] : (Object.keys(culprit) as (keyof VectorizerSettings)[])
    if (setting === undefined || setting === 'tokenizer') {
      return new PressroomError('empty-vocabulary', 'no n-gram is left to learn from', {
        where: `none of ${rows} has ${analyzer === 'word' ? 'a word of two or more letters or digits' : 'a character'}`,
        fix: 'check that the text column is the right one',
      })
    }
    return error(
      `${setting}: with it set to ${JSON.stringify(settings[setting])} none of ${rows} has ${analyzer === 'word' ? 'a word' : 'a character'} left`,
      `set ${setting} to ${JSON.stringify(culprit![setting])}`,
    )
  }
  if (!anyCounted) {
    return error(`stopWords: every word of the texts is a stop word`, 'set stopWords to none')
  }
  let highest = 0
  for (let node = 0; node < size; node++) highest = Math.max(highest, nodes[4 * node + 3]!)
  if (highest === 0) {
    const what = analyzer === 'word' ? 'words, stop words aside' : 'characters'
    return error(`ngramRange: no text has ${ngramRange[0]} ${what}`, 'lower ngramRange’s fewest (ngramMin)')
  }
  const { fewest, most } = limitsOf(settings, texts)
  const [least, largest] = [Math.ceil(fewest), Math.floor(most)]
  if (most < fewest && minDf === 1) {
    return error(`maxDf: ${maxDf} of ${rows} is less than one`, 'raise maxDf')
  }
  if (most < fewest) {
    return error(
      `minDf: it asks for ${least} or more of ${rows}, maxDf ${maxDf} for at most ${largest}`,
      'lower minDf, raise maxDf, or give more rows',
    )
  }
  if (highest < fewest) {
    return error(
      `minDf: no n-gram is in ${least} of ${rows}, as ${minDf} asks; the most common is in ${highest}`,
      'lower minDf or give more rows',
    )
  }
  return error(`maxDf: every n-gram in ${least} or more of ${rows} is in more than ${largest}`, 'raise maxDf')
}

function hasAny(settings: VectorizerSettings, lexicon: Lexicon, sample: readonly string[]): boolean {
  const prepared = preparation(settings, lexicon.decodeEntities)
  if (settings.analyzer === 'word') {
    const tokens = new Tokens(settings, prepared)
    return sample.some(text => {
      tokens.read(text)
      return tokens.count > 0
    })
  }
  const characters = new Characters(settings, prepared)
  return sample.some(text => {
    characters.read(text)
    return characters.pieces > 0
  })
}
