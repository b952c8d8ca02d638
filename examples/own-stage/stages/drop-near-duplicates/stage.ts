import { artifact, defineStage, integer, number } from 'pressroom-ml/components'
import { IMAGE } from '../image.ts'

export const inputs = {
  rows: artifact('dataset', 'Rows, as JSONL with text and label.'),
  similarity: number({
    default: 0.8,
    min: 0.1,
    max: 1,
    help: 'Share of all words of two texts that both have, from which the later one is dropped.',
  }),
}

export const outputs = {
  kept: artifact('dataset', 'The rows that nearly repeat none before them, in their order.'),
  dropped: integer('Rows that were dropped.'),
}

export const dropNearDuplicates = defineStage({
  name: 'drop-near-duplicates',
  description: 'Drops rows whose text nearly repeats that of a row before them, as agency copy does.',
  image: IMAGE,
  inputs,
  outputs,
  resources: { cpu: '1', memory: '1Gi' },
  run: () => import('./run.ts'),
})
