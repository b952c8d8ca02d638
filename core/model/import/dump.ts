import { aCount, anObject, aString, type Decoder, listOf, objectOf, objectWith, oneOf } from '../../decode.ts'
import { PressroomError } from '../../errors.ts'
import { type PackedStrings, unpackStrings } from '../../text/bytes.ts'
import { decodeContainer, NOT_FINITE } from '../container.ts'
import { arrayOf } from '../fitted-model.ts'
import { refuse } from './refuse.ts'

/** The script that writes what {@link parseDump} reads; a user's own Python runs it. */
export const EXPORT_SCRIPT = new URL('./sklearn_export.py', import.meta.url)

const FORMAT = 'pressroom-sklearn'
const VERSION = 1

/** Whether bytes begin as the script's file does, and not as one of joblib or pickle. */
export function isDump(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, 6)) === 'PRESSA'
}

/** One object of scikit-learn's: its class, its parameters as JSON has them, and what it learnt. */
export interface Step {
  readonly type: string
  readonly params: Readonly<Record<string, unknown>>
  readonly fitted: object
}

/** What sklearn_export.py says of a fitted classifier. */
export interface Dump {
  readonly made: { readonly python: string; readonly sklearn: string; readonly numpy: string }
  /** In the order of the model's own classes. */
  readonly classes: readonly string[]
  readonly model: Step
  /** scikit-learn's own answers for some texts; `probabilities` is rows × classes. */
  readonly answers: {
    readonly texts: readonly string[]
    readonly predicted: Int32Array
    readonly probabilities: Float64Array | null
  } | null
}

export const aStep: Decoder<Step> = (value, at) => {
  const { type, params, fitted } = objectOf({ type: aString, params: anObject, fitted: anObject })(value, at)
  return { type, params, fitted }
}

/** Any strings, empty ones too. */
export const packedStrings: Decoder<PackedStrings> = (value, at) => {
  const { bytes, ends } = objectOf({ bytes: arrayOf(Uint8Array), ends: arrayOf(Uint32Array) })(value, at)
  if (ends.some((end, i) => end < (ends[i - 1] ?? 0)) || (ends.at(-1) ?? 0) !== bytes.length) {
    throw new Error(`${at} has ends that do not fit its bytes`)
  }
  return { bytes, ends }
}

export const orNull =
  <T>(decoder: Decoder<T>): Decoder<T | null> =>
  (value, at) =>
    value === null ? null : decoder(value, at)

const aDump = objectOf({
  format: oneOf(FORMAT),
  version: aCount,
  made: objectOf({ python: aString, sklearn: aString, numpy: aString }),
  classes: listOf(aString),
  model: aStep,
  answers: orNull(
    objectOf({
      texts: (value, at) => unpackStrings(packedStrings(value, at)),
      predicted: arrayOf(Int32Array),
      probabilities: orNull(arrayOf(Float64Array)),
    }),
  ),
})

/**
 * Reads what sklearn_export.py wrote; `name` is for messages.
 * @throws PressroomError `not-importable` when it is something else, or of another release
 */
export function parseDump(bytes: Uint8Array, name: string): Dump {
  try {
    const data = decodeContainer(bytes)
    const { version } = objectWith({ format: oneOf(FORMAT), version: aCount })(data, 'it')
    if (version !== VERSION) {
      throw new Error(`its version is ${version}; this release reads ${VERSION}: write it again`)
    }
    const { format: _, version: __, ...dump } = aDump(data, 'it')
    const { classes, answers } = dump
    if (classes.length < 2 || new Set(classes).size < classes.length) {
      throw new Error('its classes must be two or more, each once')
    }
    if (answers !== null) requireAnswers(answers, classes.length)
    return dump
  } catch (error) {
    if (error instanceof PressroomError) throw error
    if (error instanceof Error && error.message === NOT_FINITE) {
      throw refuse(`${name} has weights that are NaN or infinite`, 'its fit did not end well', {
        fix: 'look at what it was fitted on, and fit it again',
        cause: error,
      })
    }
    throw refuse(`${name} is not what sklearn_export.py writes`, (error as Error).message, {
      fix: 'give the file that joblib or pickle wrote, or what the script made of it',
      cause: error,
    })
  }
}

function requireAnswers({ texts, predicted, probabilities }: NonNullable<Dump['answers']>, classes: number) {
  const fit =
    predicted.length === texts.length &&
    predicted.every(label => label >= 0 && label < classes) &&
    (probabilities === null || probabilities.length === texts.length * classes)
  if (!fit) throw new Error('its answers do not fit its texts and classes')
}

/** What a step learnt, by a decoder of all its parts; those that are not asked for are left out. */
export function learnt<F extends Record<string, Decoder<unknown>>>(
  step: Step,
  fields: F,
): { [K in keyof F]: F[K] extends Decoder<infer T> ? T : never } {
  try {
    return objectWith(fields)(step.fitted, step.type) as ReturnType<typeof learnt<F>>
  } catch (error) {
    throw refuse(`what was written of ${step.type} is not complete`, (error as Error).message, {
      fix: 'write it again with the sklearn_export.py of this release',
      cause: error,
    })
  }
}
