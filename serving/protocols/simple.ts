import type { Prediction } from '../../core/model/index.ts'
import { type Scores, type Source, scores } from './answers.ts'
import { type Body, invalid, onlyFields, parseText, parseTexts } from './requests.ts'

/** Who answered, when, and how long it took. */
interface Stamp {
  readonly processing_time_ms: number
  readonly model_version: string
  /** ISO 8601, UTC. */
  readonly timestamp: string
}

/** What `POST /predict` answers to `{"text": …}`. */
export type SimpleAnswer = Scores & Stamp

/** What `POST /predict/batch` answers: one prediction a text, in the order of the texts. */
export interface BatchAnswer extends Stamp {
  readonly predictions: readonly Scores[]
}

/**
 * Reads `{"text": "…"}`, where `{"instances": […]}` is taken as well.
 * @throws PressroomError `invalid-request`
 */
export function readText(body: Body): string {
  return textOf(
    body,
    'the body has neither "text" nor "instances"',
    'send {"text": "…"} or {"instances": ["…"]}; several texts as {"texts": ["…"]} go to /predict/batch',
  )
}

/**
 * Reads `{"text": "…"}`, the one thing that is explained.
 * @throws PressroomError `invalid-request`
 */
export function readExplained(body: Body): string {
  return textOf(body, 'the body has no "text"', 'send {"text": "…"}: one text is explained at a time')
}

function textOf(body: Body, missing: string, fix: string): string {
  if (!('text' in body)) {
    const keys = Object.keys(body)
    throw invalid(
      missing,
      keys.length === 0 ? 'it has no field' : `it has ${keys.map(key => JSON.stringify(key)).join(', ')}`,
      fix,
    )
  }
  onlyFields(body, ['text'], 'the body')
  return parseText(body.text, 'text')
}

/**
 * Reads `{"texts": ["…", …]}`.
 * @throws PressroomError `invalid-request`
 */
export function readTexts(body: Body): readonly string[] {
  onlyFields(body, ['texts'], 'the body')
  return parseTexts(body.texts, 'texts', parseText)
}

/** The answer to one text. `milliseconds` is what reading and predicting took; it is rounded to microseconds. */
export function writeAnswer(prediction: Prediction, source: Source, milliseconds: number): SimpleAnswer {
  return { ...scores(prediction, source.labels), ...stamp(source, milliseconds) }
}

/** The answer to several texts; see {@link writeAnswer}. */
export function writeBatch(
  predictions: readonly Prediction[],
  source: Source,
  milliseconds: number,
): BatchAnswer {
  return {
    predictions: predictions.map(prediction => scores(prediction, source.labels)),
    ...stamp(source, milliseconds),
  }
}

function stamp(source: Source, milliseconds: number): Stamp {
  return {
    processing_time_ms: Math.round(milliseconds * 1000) / 1000,
    model_version: source.version,
    timestamp: new Date().toISOString(),
  }
}
