import { evaluate, ingest, promote, register, train, validate } from '../../../components/index.ts'
import { artifact, boolean, number, pipeline, run, text, when } from '../../../pipelines/index.ts'

const registry = `${run.workspacePath}/registry`
const name = 'news'

/** What decides is a pipeline of its own: kfp.local understands a condition on an input, and none on a task's `passed`. */
const release = pipeline(
  {
    name: 'release',
    inputs: {
      passed: boolean('Whether.'),
      model: artifact('model', 'Which.'),
      metrics: artifact('metrics', 'Of it.'),
    },
  },
  ({ passed, model, metrics }) => {
    when(passed, () => {
      const { version } = register({ model, metrics, name, registry })
      promote({ name, version, registry })
    })
  },
)

/** The news pipeline where every task is a container: its registry is in the workspace, which all of them see. */
export default pipeline(
  {
    name: 'whole-news',
    inputs: {
      source: text('Rows with a text and a label.'),
      minAccuracy: number({ default: 0.75, help: 'Least accuracy to be registered.' }),
    },
    outputs: {
      accuracy: 'Share of the test rows with the right class.',
      reason: 'The verdict in a sentence.',
    },
    workspace: { size: '1Gi' },
  },
  ({ source, minAccuracy }) => {
    const data = ingest({ source })
    const words = { preset: 'seed-002', ngramMin: 1, ngramMax: 1, minDf: 1, c: 3 } as const
    const limits = { maxFeatures: 10_000, maxIterations: 1000 }
    const fitted = train({ train: data.train, validation: data.validation, ...words, ...limits })
    const report = evaluate({ model: fitted.model, test: data.test, train: data.train })
    const { metrics, predictions } = report
    const { passed, reason } = validate({ metrics, predictions, minAccuracy, margin: -0.05, name, registry })
    release({ passed, model: fitted.model, metrics })
    return { accuracy: report.accuracy, reason }
  },
)
