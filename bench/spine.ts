import { join } from 'node:path'
import { packageFile } from '../cli/package-file.ts'
import { tempFolder } from '../test/support/temp.ts'
import type { Row } from './figures.ts'
import { timeProcess } from './measure.ts'
import { predictionCases } from './spine/prediction.ts'
import { serviceCases } from './spine/service.ts'
import { startCases } from './spine/start.ts'
import { webhookCases } from './spine/webhook.ts'
import { runCases } from './spine/whole-run.ts'

/** The spine: from a command's start to a served model and the events that reach it. */
export async function* cases(): AsyncGenerator<Row> {
  await using folder = await tempFolder()
  // One run before any measurement makes what the later cases need: a registry with a champion.
  const home = join(folder.path, 'home')
  await timeProcess({
    args: [packageFile('bin/pressroom.js'), 'up', '--once', '--port', '0', '--home', home],
    cwd: folder.path,
  })
  yield* startCases(folder.path)
  yield* runCases(folder.path)
  const registry = join(home, 'registry')
  yield* predictionCases(registry)
  yield* serviceCases(registry)
  yield* webhookCases(registry)
}
