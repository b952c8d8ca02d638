/** Our side of the cases of scale: `node generated.ts`, then the protocol of contender.ts. Rows are made as they are read. */
import { fitFeatures, parseFeatureSettings, restoreFeatures } from '../../core/text/index.ts'
import { serve } from './serve.ts'

/** A text of 30 words out of a million, as skewed as a language's. */
function* texts(count: number): Generator<string> {
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 8) / 2 ** 24
  }
  for (let row = 0; row < count; row++) {
    let text = ''
    for (let i = 0; i < 30; i++) text += `w${Math.floor(1e6 ** random())} `
    yield text
  }
}

/** Every text brings a hundred words of its own. */
function* strangers(words: number): Generator<string> {
  for (let from = 0; from < words; from += 100) {
    yield Array.from({ length: 100 }, (_, i) => `word${from + i}`).join(' ')
  }
}

async function hash(rows: number): Promise<number[]> {
  const settings = parseFeatureSettings({ text: { text: { vectorizer: 'hashing', nFeatures: 2 ** 20 } } })
  const features = await restoreFeatures({ settings, text: { text: {} }, columns: {}, selected: null })
  let seen = 0
  let entries = 0
  for await (const matrix of features.transformBatches(texts(rows))) {
    seen += matrix.rows
    entries += matrix.indices.length
  }
  return [seen, features.columns, entries]
}

async function vocabulary(words: number): Promise<number[]> {
  const { features, matrix } = await fitFeatures(strangers(words), undefined, {})
  const restored = await restoreFeatures(features.state)
  const again = restored.transform(strangers(1000))
  return [matrix.rows, features.columns, again.indices.length]
}

await serve(async work => {
  const [kind, count] = work.split(' ')
  return () => (kind === 'hash' ? hash : vocabulary)(Number(count))
})
