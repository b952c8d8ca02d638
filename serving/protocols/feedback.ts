import { listed } from '../../core/report/listed.ts'
import { type Body, invalid, nameOf, onlyFields, parseText } from './requests.ts'

/** What somebody says of a text. */
export interface Feedback {
  readonly text: string
  /** The label that is right. */
  readonly label: string
}

/** What `POST /feedback` answers: which loaded versions give the text that label, and which do not. */
export interface FeedbackAnswer {
  readonly right: readonly string[]
  readonly wrong: readonly string[]
}

/**
 * Reads `{"text": "…", "label": "…"}`.
 * @throws PressroomError `invalid-request`
 */
export function readFeedback(body: Body): Feedback {
  onlyFields(body, ['text', 'label'], 'the body')
  const text = parseText(body.text, 'text')
  const { label } = body
  if (typeof label === 'string') return { text, label }
  throw invalid(`label is ${nameOf(label)}, not a string`, undefined, 'send the label that is right')
}

/**
 * Refuses a label that no version knows: counted, a misspelt one would be every version's fault.
 * @throws PressroomError `invalid-request`
 */
export function requireKnown(label: string, known: readonly string[]): void {
  if (known.includes(label)) return
  throw invalid(`no version gives the label ${JSON.stringify(label)}`, `there are: ${listed(known)}`)
}
