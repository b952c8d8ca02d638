import { dirname, join } from 'node:path'
import { packageFile } from '../../cli/package-file.ts'

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

/** The pipeline that ships. In Python its stages are what their component.yaml says. */
const NEWS: Definition = {
  name: 'news',
  file: 'news',
  goal: 4,
  typescript: module => `export { default } from ${JSON.stringify(join(dirname(module), 'news.ts'))}\n`,
  python: out => `from typing import NamedTuple
from kfp import compiler, components, dsl

def load(name):
    return components.load_component_from_file(f'${packageFile('components')}/{name}/component.yaml')

def sized(task, cpu, memory):
    return task.set_cpu_limit(cpu).set_memory_limit(memory)

ingest, train, evaluate, validate, register, promote = map(
    load, ['ingest', 'train', 'evaluate', 'validate', 'register', 'promote'])
outputs = NamedTuple('outputs', [('accuracy', float), ('macroF1', float)])

@dsl.pipeline(name='news')
def news(source: str = 'examples/newsroom/news.csv', name: str = 'news', seed: int = 7, c: float = 3,
         minAccuracy: float = 0.75, margin: float = -0.05) -> outputs:
    data = sized(ingest(source=source, seed=seed), '1', '2Gi').outputs
    fitted = sized(train(
        train=data['train'], validation=data['validation'], preset='default', c=c, ngramMin=1, ngramMax=2, minDf=1,
        maxFeatures=1000000, maxIterations=1000), '2', '4Gi').outputs
    report = sized(evaluate(model=fitted['model'], test=data['test'], train=data['train']), '1', '2Gi').outputs
    verdict = validate(
        metrics=report['metrics'], predictions=report['predictions'], name=name, minAccuracy=minAccuracy, margin=margin)
    verdict = sized(verdict, '1', '512Mi').set_caching_options(False).outputs
    with dsl.If(verdict['passed'] == True):
        kept = sized(register(model=fitted['model'], metrics=report['metrics'], name=name), '1', '1Gi')
        version = kept.set_caching_options(False).outputs['version']
        sized(promote(name=name, version=version), '1', '512Mi').set_caching_options(False)
    return outputs(report['accuracy'], report['macroF1'])

compiler.Compiler().compile(news, ${JSON.stringify(out)})
`,
}

/** What is compiled in both languages. */
export const DEFINITIONS: readonly Definition[] = [
  NEWS,
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
