import { PressroomError } from '../core/errors.ts'
// Not through core/model's index: the deployer reads models and runs none, and stays small without the engines.
import { readModelFolder } from '../core/model/folder.ts'
import type { Target } from './targets/target.ts'

/** Characters of a text that an error quotes. */
const QUOTED = 60

/**
 * Asks a loaded version the golden examples that were sealed with it: it must answer each as it did then.
 * @param folder the version's files
 * @returns what is wrong with the version, `deployment-failed` with the first example that differs; undefined when nothing is.
 * @throws PressroomError when the folder cannot be read or the target does not answer.
 */
export async function checkGolden(
  target: Target,
  { model, version }: { readonly model: string; readonly version: string },
  folder: string,
): Promise<PressroomError | undefined> {
  const { info } = await readModelFolder(folder)
  // A service is asked for texts alone, so that what needs columns too cannot be asked.
  const golden = info.golden.filter(({ columns }) => columns === undefined)
  if (golden.length === 0) return undefined
  const texts = golden.map(({ text }) => text)
  const answers = await target.ask(model, version, texts)
  const wrong = golden
    .map((example, i) => ({ ...example, answer: answers[i] }))
    .filter(e => e.answer !== e.label)
  const [first] = wrong
  if (first === undefined) return undefined
  const { text, label, answer = 'nothing' } = first
  const quoted = text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text
  return new PressroomError(
    'deployment-failed',
    `it fails ${wrong.length} of its ${golden.length} golden examples`,
    {
      where: `${JSON.stringify(quoted)} is ${answer} now and was ${label} when the model was sealed`,
      fix: 'train and register it again with the release that serves, or point the alias back',
    },
  )
}
