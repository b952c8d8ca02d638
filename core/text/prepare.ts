import type { VectorizerSettings } from './settings.ts'
import { isSpace, SPACES, stripAccentsAscii, stripAccentsUnicode } from './unicode.ts'

/** A text on its way to the tokeniser. */
export interface Preparation {
  /** What must happen to every text. Absent where ASCII text needs nothing but, perhaps, lower-casing. */
  readonly always: ((text: string) => string) | undefined
  /** What must happen to a text that is not ASCII (after `always`). Lower-casing is in it where it is wanted. */
  readonly beyondAscii: (text: string) => string
  /** Whether ASCII letters are still to be lower-cased; the tokenisers do it byte by byte. */
  readonly lowercase: boolean
}

type Step = (text: string) => string

// The patterns of the teams that clean their texts before scikit-learn sees them: `https?://\S+|www\.\S+`, and a mention
// that does not cut an e-mail address in two.
const URLS = new RegExp(`(?:https?://|\\bwww\\.)[^${SPACES}]+`, 'giu')
const MENTIONS = /(?<![\p{L}\p{N}_.])@[\p{L}\p{N}_]+/gu
const DIGITS = /\p{Nd}+/gu
const PUNCTUATION = /[\p{P}\p{S}]/gu

/**
 * The switches of normalisation as functions, in the order in which the settings list them. Lower-casing is Unicode's full
 * mapping, which is Python's `str.lower` too: one letter may become two, and a capital sigma that ends a word becomes ς.
 * @param decodeEntities wanted when `settings.decodeEntities` is set
 */
export function preparation(settings: VectorizerSettings, decodeEntities: Step | undefined): Preparation {
  const { lowercase, stripAccents, unicodeForm } = settings
  const lower: Step = lowercase ? text => text.toLowerCase() : text => text
  const strip: Step =
    stripAccents === 'unicode' ? stripAccentsUnicode : stripAccents === 'ascii' ? stripAccentsAscii : same
  const before: Step[] = []
  if (settings.decodeEntities && decodeEntities !== undefined) before.push(decodeEntities)
  if (unicodeForm !== 'none') before.push(text => text.normalize(unicodeForm))
  if (settings.removeUrls) before.push(text => text.replace(URLS, ' '))
  if (settings.removeMentions) before.push(text => text.replace(MENTIONS, ' '))
  const after: Step[] = []
  if (settings.removeNumbers) after.push(text => text.replace(DIGITS, ''))
  if (settings.removePunctuation) after.push(text => text.replace(PUNCTUATION, ' '))
  const least = settings.minTextLength
  if (least > 0) after.push(text => (isShorter(text, least) ? '' : text))

  const beyondAscii: Step = text => strip(lower(text))
  if (before.length + after.length === 0) return { always: undefined, beyondAscii, lowercase }
  const steps = [...before, beyondAscii, ...after]
  return {
    always: text => steps.reduce((current, step) => step(current), text),
    beyondAscii: same,
    lowercase: false,
  }
}

function same(text: string): string {
  return text
}

/** Whether the text, white space (as Python's `str.strip` means it) at its ends aside, has fewer code points than `least`. */
function isShorter(text: string, least: number): boolean {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  if (end - start < least) return true
  if (end - start >= 2 * least) return false
  let characters = 0
  for (const _ of text.slice(start, end)) characters++
  return characters < least
}
