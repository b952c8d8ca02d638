import { counted } from '../../counted.ts'
import type { PressroomError } from '../../errors.ts'
import type { Answer } from '../graph/session.ts'
import { refuse } from './refuse.ts'

/** Asked of every graph: some words, a single one, and a text without any. */
const TEXTS: readonly string[] = [
  'Rates rise as the markets fall',
  'The keeper saved a late penalty',
  'rain',
  '?',
]
/** Half precision gives three digits; what is further from 1 are scores. */
const MOST_FROM_ONE = 5e-3
/** What the order of a few hundred sums in single precision may change. */
const MOST_DIFFERENCE = 1e-5

/** A text and what the graph said of it. */
export interface Asked extends Answer {
  readonly text: string
}

/**
 * Asks a graph some texts, together and each alone.
 * @throws PressroomError `not-importable` when it fails, gives no probabilities, or others for a text alone
 */
export async function tryOut(
  ask: (texts: readonly string[]) => Promise<readonly Answer[]>,
): Promise<readonly Asked[]> {
  try {
    const together = requireProbabilities(await ask(TEXTS), TEXTS)
    for (const { text, probabilities } of together) {
      const [alone] = await ask([text])
      const isSame = probabilities.every((share, k) => {
        return Math.abs(share - alone!.probabilities[k]!) <= MOST_DIFFERENCE
      })
      if (!isSame) throw new Error(`"${text}" gets other probabilities alone than beside other texts`)
    }
    return together
  } catch (error) {
    const { code, where, message } = error as PressroomError
    if (code === 'not-importable') throw error
    throw refuse('the graph does not answer texts as it should', where ?? message, {
      fix: 'ask it a few texts in Python, by onnxruntime, and convert it again',
      cause: error,
    })
  }
}

/** @throws PressroomError `not-importable` when a row's numbers are not two probabilities or more that sum to 1 */
export function requireProbabilities(answers: readonly Answer[], texts: readonly string[]): readonly Asked[] {
  return answers.map((answer, i) => {
    const { probabilities } = answer
    const text = texts[i]!
    if (probabilities.length < 2) {
      throw refuse(
        'the graph has fewer than two classes',
        `it gives ${counted(probabilities.length, 'number')} a text`,
        {
          fix: 'let it give a probability for each class, of two classes too',
        },
      )
    }
    const sum = probabilities.reduce((a, b) => a + b, 0)
    if (Math.abs(sum - 1) <= MOST_FROM_ONE && probabilities.every(share => share >= 0))
      return { text, ...answer }
    const some = Array.from(probabilities.subarray(0, 5), number => Number(number.toPrecision(4)))
    throw refuse(
      'the graph gives scores, not probabilities',
      `${some.join(', ')} for "${text.slice(0, 100)}"`,
      {
        fix: 'fit it with probabilities before it is converted: CalibratedClassifierCV around a LinearSVC, a softmax behind a network',
      },
    )
  })
}
