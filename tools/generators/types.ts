import { banner as bannerOf } from '../../components/faces/banner.ts'

/** What a generator makes: the text of each file by its path from the repository's root. */
type Files = ReadonlyMap<string, string | Uint8Array>

/** One kind of generated file. */
export interface Generator {
  readonly name: string
  /** Every file that this generator owns matches one of these globs, so that what it no longer makes is found and removed. */
  readonly owns: readonly string[]
  generate(root: string): Promise<Files>
}

/** The first line of a file that this repository generates. */
export function banner(source: string): string {
  return bannerOf(source, 'npm run generate')
}
