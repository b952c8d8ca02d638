import { loadModel } from '../../core/model/index.ts'
import { type Row, summarise } from '../figures.ts'
import { repeatedly } from '../measure.ts'
import { championOf, newsTexts } from './champion.ts'

const ROUNDS = 15

/** The model alone, without HTTP, on every text of the newsroom. */
export async function* predictionCases(registry: string): AsyncGenerator<Row> {
  const { folder } = await championOf(registry)
  const texts = await newsTexts()
  await using model = await loadModel(folder)
  const microsecondsARow = async (work: () => Promise<void>) => {
    return repeatedly(ROUNDS, async () => {
      const begun = performance.now()
      await work()
      return ((performance.now() - begun) * 1000) / texts.length
    })
  }
  const single = await microsecondsARow(async () => {
    for (const text of texts) await model.predict([text])
  })
  yield summarise({ case: 'predict, one row a call', unit: 'µs/row', ours: single })
  const all = await microsecondsARow(async () => {
    await model.predict(texts)
  })
  yield summarise({ case: `predict, ${texts.length} rows a call`, unit: 'µs/row', ours: all })
}
