/**
 * MurmurHash3 (x86, 32 bits, seed 0; Austin Appleby, public domain) of the bytes from `from` up to `to`, as a signed number:
 * what scikit-learn hashes features with.
 */
export function murmur3(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from
  const whole = from + (length & ~3)
  let hash = 0
  for (let i = from; i < whole; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    hash ^= mixed(word)
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let i = to - 1; i >= whole; i--) rest = (rest << 8) | bytes[i]!
  if (whole < to) hash ^= mixed(rest)
  hash ^= length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function mixed(word: number): number {
  const spread = Math.imul(word, 0xcc9e2d51)
  return Math.imul((spread << 15) | (spread >>> 17), 0x1b873593)
}
