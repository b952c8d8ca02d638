import { join } from 'node:path'
import { packageFile } from '../../cli/package-file.ts'
import { type Row, summarise } from '../figures.ts'
import { type Command, peakMemory, timeProcess } from '../measure.ts'

const ROUNDS = 3
/** What the project promises for two cores. */
const GOAL = { atMost: 15 } as const

/** `pressroom up --once`, rows to a served answer: time and memory. Nothing comparable exists to stand beside it. */
export async function* runCases(folder: string): AsyncGenerator<Row> {
  const anew: number[] = []
  const fresh: number[] = []
  const again: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = [join(folder, `first-${round}`), join(folder, `second-${round}`)]
    const NODE_COMPILE_CACHE = join(first, 'compiled')
    anew.push(await seconds({ ...up(first), env: { NODE_COMPILE_CACHE } }))
    fresh.push(await seconds(up(second)))
    again.push(await seconds(up(second)))
  }
  yield summarise({ case: 'up --once, as after install', unit: 's', ours: anew, goal: GOAL })
  yield summarise({ case: 'up --once, fresh home', unit: 's', ours: fresh, goal: GOAL })
  yield summarise({ case: 'up --once, again', unit: 's', ours: again, goal: GOAL })

  const largest: number[] = []
  const together: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const peak = await peakMemory(up(join(folder, `memory-${round}`)))
    if (peak === undefined) {
      console.error('not measured: memory, which needs the /proc of Linux')
      return
    }
    largest.push(peak.largest / 1e6)
    together.push(peak.together / 1e6)
  }
  yield summarise({ case: 'up --once, fresh home: largest process', unit: 'MB', ours: largest })
  yield summarise({ case: 'up --once, fresh home: all processes', unit: 'MB', ours: together })
}

function up(home: string): Command {
  return { args: [packageFile('bin/pressroom.js'), 'up', '--once', '--port', '0', '--home', home] }
}

async function seconds(command: Command): Promise<number> {
  return (await timeProcess(command)) / 1000
}
