import { type Row, summarise } from '../figures.ts'
import { Contender } from './contender.ts'
import { compiled } from './setup.ts'

const MEBIBYTE = 2 ** 20

/** What must not grow with the rows: hashing generated texts as a stream, and a vocabulary of two millions. */
export async function* scaleCases(folder: string): AsyncGenerator<Row> {
  const script = await compiled('generated', folder)
  for (const [work, name, goal] of [
    ['hash 100000', 'hashing 100,000 generated rows', undefined],
    ['hash 1000000', 'hashing 1,000,000 generated rows', 400],
    ['vocabulary 2000000', 'vocabulary of 2,000,000', undefined],
  ] as const) {
    using ours = new Contender('ours', { args: [script] })
    const { wall, peak } = await ours.ask(work)
    yield summarise({ case: name, unit: 'ms', ours: [wall] })
    const memory = { case: `${name}, memory`, unit: 'MB', ours: [peak / MEBIBYTE] }
    yield summarise(goal === undefined ? memory : { ...memory, goal: { atMost: goal } })
  }
}
