/** `node whole-ours.ts CORPUS`: from CSV to a tested model with seed 002's settings; prints its accuracy. */

import { join } from 'node:path'
import { readRows } from '../../core/data/index.ts'
import { fitLogisticRegression, likeliest, openClassifier } from '../../core/learn/index.ts'
import { fitFeatures } from '../../core/text/index.ts'
import { SETTINGS } from './settings.ts'

const [corpus = ''] = process.argv.slice(2)
const read = async (file: string) => (await readRows(join(corpus, file))).rows
const train = await read('train.csv')
const names = [...new Set(train.map(({ label }) => label))].sort()
const labels = Int32Array.from(train, ({ label }) => names.indexOf(label))
const { features, matrix } = await fitFeatures(train, labels, SETTINGS.words)
const { model } = await fitLogisticRegression({ matrix, labels, classes: names.length }, { maxIter: 1000 })

const test = await read('test.csv')
const scores = openClassifier(model).decision(features.transform(test))
const right = likeliest(scores, names.length).reduce(
  (sum, own, row) => sum + Number(names[own] === test[row]!.label),
  0,
)
console.log(right / test.length)
