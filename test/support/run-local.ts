// A process that runs a pipeline, for tests that kill it: the request is the JSON in its argument.
import { runLocal } from '../../pipelines/runners/local/index.ts'

await runLocal(JSON.parse(process.argv[2] ?? ''))
