import { packageFile } from '../../cli/package-file.ts'
import { type Row, summarise } from '../figures.ts'
import { type Command, inTurns, timeProcess } from '../measure.ts'

const ROUNDS = 11

/** From nothing to the end of a short command, beside a Node that runs nothing. */
export async function* startCases(cwd: string): AsyncGenerator<Row> {
  const bin = packageFile('bin/pressroom.js')
  const commands: Readonly<Record<string, Command>> = {
    'pressroom --help': { args: [bin, '--help'], cwd },
    'pressroom --help, compiled anew': {
      args: [bin, '--help'],
      cwd,
      env: { NODE_DISABLE_COMPILE_CACHE: '1' },
    },
    'pressroom --version': { args: [bin, '--version'], cwd },
    'pressroom train --help': { args: [bin, 'train', '--help'], cwd },
    // A package finds itself by name only from within.
    "import 'pressroom-ml/pipelines', compiled anew": {
      args: ['--input-type=module', '--eval', "import 'pressroom-ml/pipelines'"],
      cwd: packageFile('.'),
    },
  }
  for (const [name, command] of Object.entries(commands)) {
    const { ours, peer } = await inTurns(
      ROUNDS,
      () => timeProcess(command),
      () => timeProcess({ args: ['--eval', '0'], cwd }),
    )
    yield summarise({ case: name, unit: 'ms', ours, peer })
  }
}
