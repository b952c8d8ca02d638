/** Two classifiers on the same rows. */
export interface Paired {
  /** Rows that only the first one has right. */
  readonly onlyFirst: number
  readonly onlySecond: number
  /** How likely a difference at least as large is when both are equally good; 1 when they differ nowhere. */
  readonly p: number
}

/**
 * McNemar's exact test: rows on which two classifiers are both right or both wrong say nothing, and of the others each should
 * win half. Two-sided, by the binomial distribution. Q. McNemar, Psychometrika 12 (1947), 153-157.
 * @param first its classes, one a row; `second` and `labels` likewise
 */
export function mcnemar(labels: Int32Array, first: Int32Array, second: Int32Array): Paired {
  let onlyFirst = 0
  let onlySecond = 0
  labels.forEach((label, row) => {
    if (first[row] === second[row]) return
    if (first[row] === label) onlyFirst += 1
    else if (second[row] === label) onlySecond += 1
  })
  return { onlyFirst, onlySecond, p: signTest(onlyFirst, onlySecond) }
}

/** Two-sided: twice the chance of at most the smaller count among fair coin tosses. */
function signTest(a: number, b: number): number {
  const tosses = a + b
  let logChance = -tosses * Math.LN2
  let tail = Math.exp(logChance)
  for (let k = 1; k <= Math.min(a, b); k++) {
    logChance += Math.log(tosses - k + 1) - Math.log(k)
    tail += Math.exp(logChance)
  }
  return Math.min(1, 2 * tail)
}
