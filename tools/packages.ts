import { existsSync } from 'node:fs'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What npm's lock file says of an installed package. */
interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** What only compilers and debuggers read, and services in versions that we never load. */
const UNUSED = /\.d\.[cm]?ts$|\.map$|\/build\/src\/v1beta1\/|\/build\/esm\//

/**
 * Copies packages with all that they depend on, as they are installed, so that code in `out` finds them: for those that choose their
 * modules as they run, and so cannot be bundled.
 * @param root folder of package-lock.json and node_modules
 * @param out gets `node_modules`
 * @throws Error when one is not installed
 */
export async function copyPackages(root: string, names: readonly string[], out: string): Promise<void> {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>
  }
  const found = new Set<string>()
  const follow = (place: string) => {
    if (found.has(place)) return
    found.add(place)
    const { dependencies, optionalDependencies } = packages[place]!
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const next = placeOf(name, place)
      // One that is optional may be for another system.
      if (next !== undefined && existsSync(join(root, next))) follow(next)
      else if (optionalDependencies?.[name] === undefined) throw new Error(`${place} needs ${name}: npm ci`)
    }
  }

  /** As Node looks: in the package's own node_modules, then in those of each folder above. */
  function placeOf(name: string, from: string): string | undefined {
    const inside = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`
    if (Object.hasOwn(packages, inside)) return inside
    return from === ''
      ? undefined
      : placeOf(name, from.slice(0, Math.max(from.lastIndexOf('/node_modules/'), 0)))
  }

  for (const name of names) follow(`node_modules/${name}`)
  for (const place of found) {
    const nested = join(root, place, 'node_modules')
    const filter = (path: string) => !path.startsWith(nested) && !UNUSED.test(path)
    await cp(join(root, place), join(out, place), { recursive: true, filter })
  }
}
