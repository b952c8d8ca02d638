import * as fc from 'fast-check'

/**
 * fast-check as the tests use it: the same cases on every run of `npm test`, so that a clone of a green commit is
 * green. New cases are drawn by `npm run test:interop -- fuzz`, or by two variables of the environment:
 * `PRESSROOM_TEST_SEED` is a number, as a failure prints it, or `random`; `PRESSROOM_TEST_RUNS` multiplies the runs
 * of each property.
 */
export * from 'fast-check'

export const SEED = 20_261_127
/** What fast-check runs when a property says no number. */
const RUNS = 100

/** The parameters that fast-check is given for those of a property. */
export function asAsked<P extends { seed?: number; numRuns?: number }>(
  parameters: P | undefined,
  { PRESSROOM_TEST_SEED: seed = `${SEED}`, PRESSROOM_TEST_RUNS: factor = '1' } = process.env,
) {
  if (seed !== 'random' && !/^-?\d+$/.test(seed))
    throw new Error(`PRESSROOM_TEST_SEED is "${seed}", not a number or random`)
  if (!/^[1-9]\d*$/.test(factor))
    throw new Error(`PRESSROOM_TEST_RUNS is "${factor}", not a whole number from 1`)
  return {
    ...parameters,
    // Without one, fast-check draws one and a failure prints it.
    ...(seed === 'random' ? {} : { seed: Number(seed) }),
    numRuns: (parameters?.numRuns ?? RUNS) * Number(factor),
  }
}

export const assert = ((property: fc.IProperty<unknown>, parameters?: fc.Parameters<unknown>) =>
  fc.assert(property, asAsked(parameters))) as typeof fc.assert

export const sample: typeof fc.sample = (generator, parameters) =>
  fc.sample(generator, asAsked(typeof parameters === 'number' ? { numRuns: parameters } : parameters))
