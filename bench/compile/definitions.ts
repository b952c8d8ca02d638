/** One pipeline in both languages. */
export interface Definition {
  readonly name: string
  /** The stem of its files. */
  readonly file: string
  /** How many times faster than the SDK it is to be. */
  readonly goal: number
  /** @param module the pipeline language's, as a path */
  typescript(module: string): string
  /** @param out where the program writes its YAML */
  python(out: string): string
}

const TS_SAY = `const say = container({ name: 'say', inputs: { word: text('A word.') }, outputs: { said: text('It.') } },
  ({ inputs, outputs }) => ({ image: 'alpine', command: ['sh', '-c', 'echo "$0" > "$1"'], args: [inputs.word, outputs.said.file] }))`

const PY_SAY = `from kfp import compiler, dsl

@dsl.container_component
def say(word: str, said: dsl.OutputPath(str)):
    return dsl.ContainerSpec(image='alpine', command=['sh', '-c', 'echo "$0" > "$1"'], args=[word, said])
`

function both(name: string, goal: number, ts: string, py: string): Definition {
  const file = name.replaceAll(/[^a-z0-9]+/g, '-')
  return {
    name,
    file,
    goal,
    typescript:
      module => `import { container, each, format, list, pipeline, text, when } from ${JSON.stringify(module)}
void [each, format, list, when]
${TS_SAY}
export default pipeline({ name: '${file}', inputs: { word: text('A word.') } }, ({ word }) => {
${ts}
})
`,
    python: out => `${PY_SAY}
@dsl.pipeline(name='${file}')
def pipe(word: str):
${py}

compiler.Compiler().compile(pipe, ${JSON.stringify(out)})
`,
  }
}

/** A chain of tasks, each saying what the one before said. */
export function manyTasks(count: number, goal = 1): Definition {
  return both(
    `${count.toLocaleString('en')} tasks`,
    goal,
    `  let last = say({ word })
  for (let i = 1; i < ${count}; i++) last = say({ word: last.said })`,
    `    last = say(word=word)
    for _ in range(1, ${count}):
        last = say(word=last.outputs['said'])`,
  )
}

/** What is compiled in both languages. */
export const DEFINITIONS: readonly Definition[] = [
  manyTasks(2, 4),
  both(
    'a condition and a loop',
    4,
    `  const first = say({ word })
  when(first.said.is('yes'), () => {
    each(['a', 'b'], item => {
      say({ word: item })
    })
  })`,
    `    first = say(word=word)
    with dsl.If(first.outputs['said'] == 'yes'):
        with dsl.ParallelFor(['a', 'b']) as item:
            say(word=item)`,
  ),
  manyTasks(100, 5),
  manyTasks(1000, 30),
]
