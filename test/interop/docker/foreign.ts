import { artifact, container, integer, pipeline, text } from '../../../pipelines/index.ts'
import { BASE } from './base.ts'

const shell = (script: string, ...args: (string | object)[]) => ({
  image: BASE,
  command: ['sh', '-c', script],
  args: ['sh', ...args] as never,
})

const write = container(
  {
    name: 'write',
    inputs: { word: text('Written.') },
    outputs: { file: artifact('any', 'The word.'), length: integer('Its length.') },
  },
  ({ inputs, outputs }) =>
    shell(
      'printf %s "$1$SUFFIX" >"$2"; printf %s "$1" | wc -c >"$3"',
      inputs.word,
      outputs.file.path,
      outputs.length.file,
    ),
)
const read = container(
  {
    name: 'read',
    inputs: { file: artifact('any', 'Read, and never written to.') },
    outputs: { text: text('What is in it.') },
  },
  ({ inputs, outputs }) =>
    shell(
      'if echo x >>"$1"; then exit 9; fi 2>/dev/null; while read -r line || [ "$line" ]; do printf %s "$line" >"$2"; break; done <"$1"',
      inputs.file.path,
      outputs.text.file,
    ),
)

/** Two containers, one after the other: words, a variable, an artifact that is there to be read, outputs. */
export const passing = pipeline(
  {
    name: 'passing',
    inputs: { word: text('A word.') },
    outputs: { text: 'What came through.', length: 'Of the word.' },
  },
  ({ word }) => {
    const written = write({ word }).env({ SUFFIX: ' & more' })
    return { text: read({ file: written.file }).text, length: written.length }
  },
)

const single = (name: string, image: string, script: string) => {
  const task = container({ name, inputs: {} }, () => ({ image, command: ['sh', '-c', script] }))
  return pipeline({ name, inputs: {} }, () => {
    task()
  })
}

export const failing = single('failing', BASE, 'echo last words; exit 7')
export const hanging = single('hanging', BASE, 'echo begun; while :; do sleep 1; done')
/** On no registry: the engine looks for one, and finds no network that has it. */
export const absent = single('absent', 'localhost:9/no/such:1', 'true')
