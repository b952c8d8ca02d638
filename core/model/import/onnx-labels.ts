import { counted } from '../../counted.ts'
import { likeliest } from '../../learn/index.ts'
import type { OnnxFile } from '../graph/onnx-file.ts'
import { zipMapOf } from './onnx-interface.ts'
import type { Asked } from './onnx-trial.ts'
import { refuse } from './refuse.ts'

/** Attributes of ai.onnx.ml's classifiers and of its ZipMap. */
const CLASS_LISTS = ['classlabels_strings', 'classlabels_int64s', 'classlabels_ints']
/** Probabilities that are nearer to each other than single precision tells apart say nothing of the order. */
const TIED = 1e-6

/** Whose the names of the classes are. */
export type LabelSource = 'given' | 'graph' | 'answers'

/**
 * The names of a graph's classes in the order of its probabilities: those given, else those that stand in the file, else those
 * that its answers name, if they name all. `own`: what the graph itself calls them, undefined where it does not say.
 * @param asked at least one
 * @throws PressroomError `not-importable` when they are not to be found, do not fit, or the graph's own label is not that of its largest
 * probability
 */
export function labelsOf(
  file: OnnxFile,
  asked: readonly Asked[],
  given: readonly string[] | undefined,
): {
  readonly labels: readonly string[]
  readonly own: readonly (string | undefined)[]
  readonly from: LabelSource
} {
  const { label, probabilities } = asked[0]!
  const classes = probabilities.length
  const said = saidOf(asked)
  const found = listsIn(file, classes).find(list => agrees(list, said))
  const named = Array.from({ length: classes }, (_, k) => said.get(k))
  if (given !== undefined) {
    // Numbers are names for nobody, and may be given others.
    const labels = fitting(given, classes, typeof label === 'string' ? said : new Map())
    return { labels, own: found ?? named, from: 'given' }
  }
  if (found !== undefined) return { labels: found, own: found, from: 'graph' }
  const missing = named.flatMap((name, k) => (name === undefined ? [k + 1] : []))
  if (missing.length === 0) return { labels: named as string[], own: named, from: 'answers' }
  throw refuse(
    'nothing says what the classes are called',
    label === undefined
      ? `the graph gives ${classes} probabilities and no label`
      : `of ${counted(asked.length, 'text')} none got number ${missing.join(', ')} of the ${classes} classes`,
    { fix: `give --labels, ${classes} names in the order of the probabilities` },
  )
}

/** The graph's own label of each class that had the largest probability of a text. */
function saidOf(asked: readonly Asked[]): ReadonlyMap<number, string> {
  const said = new Map<number, string>()
  const columnOf = new Map<string, number>()
  for (const { text, probabilities, label } of asked) {
    const [winner] = likeliest(probabilities, probabilities.length) as unknown as [number]
    const isTied = probabilities.some((share, k) => k !== winner && probabilities[winner]! - share < TIED)
    if (label === undefined || isTied) continue
    const name = String(label)
    const [before, column] = [said.get(winner) ?? name, columnOf.get(name) ?? winner]
    if (before !== name || column !== winner) {
      const other =
        before === name ? `number ${column + 1} was its probability before` : `it said ${before} before`
      throw refuse(
        "the graph's label is not that of its largest probability",
        `for "${text.slice(0, 100)}" it says ${name}, and number ${winner + 1} of its probabilities is the largest; ${other}`,
        {
          fix: 'convert the model so that both say the same; a support vector machine calibrated on its margins does',
        },
      )
    }
    said.set(winner, name)
    columnOf.set(name, winner)
  }
  return said
}

function fitting(
  given: readonly string[],
  classes: number,
  said: ReadonlyMap<number, string>,
): readonly string[] {
  if (given.length !== classes || new Set(given).size !== given.length) {
    throw refuse(
      'the labels do not fit the model',
      `${counted(given.length, 'label')} given, ${classes} probabilities`,
      {
        fix: 'give one name a class, each once, in the order of the probabilities',
      },
    )
  }
  const moved = [...said].find(([k, label]) => given.includes(label) && given[k] !== label)
  if (moved === undefined) return given
  throw refuse(
    'the labels are in another order than the graph has them',
    `number ${moved[0] + 1} is ${moved[1]}`,
    {
      fix: 'give them in the order of the probabilities',
    },
  )
}

function agrees(list: readonly string[], said: ReadonlyMap<number, string>): boolean {
  return [...said].every(([k, label]) => list[k] === label)
}

/**
 * Lists of so many names in a file that may be its classes: those of its ZipMap, of our own exports' metadata, of a classifier, and those
 * that skl2onnx looks a number up in.
 */
function listsIn(file: OnnxFile, classes: number): string[][] {
  const zipMap = zipMapOf(file)
  const nodes = zipMap === undefined ? file.nodes : [zipMap, ...file.nodes]
  const inNodes = nodes.flatMap(({ operator, inputs: [first], list }) => {
    const looked = operator === 'ArrayFeatureExtractor' ? file.constant(first!) : undefined
    return [...CLASS_LISTS.map(list), looked]
  })
  return [inMetadata(file), ...inNodes].flatMap(list => {
    const fits = list !== undefined && list.length === classes && new Set(list).size === classes
    return fits ? [[...list]] : []
  })
}

function inMetadata({ metadata: { labels } }: OnnxFile): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(labels ?? '')
    return Array.isArray(list) && list.every(name => typeof name === 'string') ? list : undefined
  } catch {
    // Anything may stand in a file's metadata under that name.
    return undefined
  }
}
