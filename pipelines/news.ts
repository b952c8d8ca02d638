import { evaluate, ingest, promote, register, train, validate } from '../components/index.ts'
import { integer, number, pipeline, text, when } from './index.ts'

export default pipeline(
  {
    name: 'news',
    description: 'Headlines to a registered, validated classifier.',
    inputs: {
      source: text({ default: 'examples/newsroom/news.csv', help: 'Rows with a text and a label.' }),
      name: text({ default: 'news', help: 'The registered model.' }),
      seed: integer({ default: 7, min: 0, help: 'Seed of the stratified split.' }),
      maxFeatures: integer({ default: 10_000, min: 1, help: 'Most frequent n-grams kept as features.' }),
      c: number({ default: 1, min: 1e-6, max: 1e6, help: 'Inverse of the L2 penalty.' }),
      minAccuracy: number({ default: 0.75, min: 0, max: 1, help: 'Least accuracy to be registered.' }),
    },
  },
  ({ source, name, seed, maxFeatures, c, minAccuracy }) => {
    const data = ingest({ source, seed })
    const fitted = train({ train: data.train, validation: data.validation, maxFeatures, c })
    const report = evaluate({ model: fitted.model, test: data.test, train: data.train })
    const verdict = validate({ metrics: report.metrics, minAccuracy })
    when(verdict.passed, () => {
      const { version } = register({ model: fitted.model, metrics: report.metrics, name })
      promote({ name, version })
    })
    return { accuracy: report.accuracy, macroF1: report.macroF1 }
  },
)
