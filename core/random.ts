/**
 * Numbers from 0 up to, but not including, 1 that a seed alone decides, the same on every machine: the generator sfc32 of
 * PractRand (Chris Doty-Humphrey), 128 bits of state, its output divided by 2³². Not for secrets.
 */
export function seededRandom(seed: number): () => number {
  let a = 0
  let b = Math.floor(seed / 2 ** 32) | 0
  let c = seed | 0
  let counter = 1
  const next = () => {
    const t = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 2 ** 32
  }
  // Seeds that differ in one bit give unlike numbers only after the state has been stirred.
  for (let i = 0; i < 15; i++) next()
  return next
}
