import { digestBytes } from '../../../core/storage/digest.ts'

/** Hexadecimal digits of a text's SHA-256. */
export function hashOf(text: string, digits: number): string {
  return digestBytes(text).slice('sha256:'.length, 'sha256:'.length + digits)
}

/** A text as lower-case letters, digits and single hyphens, beginning with a letter; empty when nothing is left. */
export function slugOf(text: string, longest: number): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, longest)
    .replace(/-+$/, '')
}

/**
 * The id of a resource made for a name of the registry: its slug, for people, and a part of its digest, by which names that
 * differ only in what ids cannot hold stay apart. The same name always has the same id, so that creating it twice finds it.
 * @param longest characters of the id
 */
export function resourceId(prefix: string, name: string, longest: number): string {
  const hash = hashOf(name, 10)
  const slug = slugOf(name, longest - prefix.length - hash.length - 2)
  return [prefix, slug, hash].filter(part => part !== '').join('-')
}

const PLAIN = /^(?!x-)[a-z0-9_-]{1,63}$/
/** `x-` and two digits a byte, in the 63 characters of a label's value. */
const MOST_BYTES = 30

/** A short text as the value of a label, to be read back by {@link fromLabel}; undefined when it is too long. */
export function toLabel(text: string): string | undefined {
  if (PLAIN.test(text)) return text
  const bytes = Buffer.from(text)
  return bytes.length <= MOST_BYTES ? `x-${bytes.toString('hex')}` : undefined
}

/** The text that {@link toLabel} made a label of. */
export function fromLabel(label: string): string {
  return label.startsWith('x-') ? Buffer.from(label.slice(2), 'hex').toString() : label
}
