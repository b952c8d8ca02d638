import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { clientFile } from '../core/google/clients.ts'
import { SCRIPT } from './bundle.ts'

const KUBERNETES = '@kubernetes/client-node'
/** For what is loaded by `require`. */
const COMMON = { format: 'cjs', banner: {} } satisfies BuildOptions

/** Official clients of one Google API, as the code that loads them names them. */
interface GoogleClients {
  readonly name: string
  readonly version: string
  readonly services: Readonly<Record<string, string>>
}

/**
 * The clients of the deployer's targets, which it loads by names that are put together when it runs: laid out as npm would install
 * them, without what nobody loads. Google's are one file a service, beside the protos of that API version; what is under them is one
 * script, since gRPC's objects do not mix between copies.
 * @param root of node_modules
 * @param out gets `node_modules`
 * @returns what was bundled
 */
export async function layClients(
  root: string,
  google: readonly GoogleClients[],
  out: string,
): Promise<Metafile[]> {
  const place = (name: string) => join(out, 'node_modules', name)
  for (const each of google) await layGoogle(root, each, place(each.name))
  const whole = async (name: string, contents: string, options: BuildOptions, manifest: object) => {
    const { metafile } = await build({
      ...SCRIPT,
      ...options,
      absWorkingDir: root,
      stdin: { contents, resolveDir: root },
      outfile: join(place(name), 'index.js'),
    })
    await writeManifest(root, name, place(name), { main: 'index.js', ...manifest })
    return metafile!
  }
  return [
    await whole('google-gax', `module.exports = require('google-gax')`, COMMON, {}),
    await whole(KUBERNETES, `export { KubeConfig } from '${KUBERNETES}'`, {}, { type: 'module' }),
  ]
}

async function layGoogle(
  root: string,
  { name, version, services }: GoogleClients,
  out: string,
): Promise<void> {
  const from = join(root, 'node_modules', name)
  const files = Object.values(services).map(service => clientFile(service, version))
  await build({
    ...SCRIPT,
    ...{ ...COMMON, bundle: false },
    absWorkingDir: from,
    entryPoints: files,
    outbase: '.',
    outdir: out,
  })
  for (const file of files) {
    const config = file.replace(/\.js$/, '_config.json')
    await cp(join(from, config), join(out, config))
  }
  const protos = 'build/protos/protos.json'
  const all = JSON.parse(await readFile(join(from, protos), 'utf8'))
  await mkdir(dirname(join(out, protos)), { recursive: true })
  await writeFile(join(out, protos), JSON.stringify(ofVersion(all, version)))
  await writeManifest(root, name, out)
}

/** Messages of this version of the API and of what they use, without those of the other versions beside it. */
function ofVersion(namespace: Namespace, version: string): Namespace {
  const { nested } = namespace
  if (nested === undefined) return namespace
  const versioned = Object.hasOwn(nested, version)
  const kept = Object.entries(nested).filter(([name]) => !versioned || name === version || !/^v\d/.test(name))
  return {
    ...namespace,
    nested: Object.fromEntries(kept.map(([name, each]) => [name, ofVersion(each, version)])),
  }
}

interface Namespace {
  readonly nested?: Readonly<Record<string, Namespace>>
}

async function writeManifest(root: string, name: string, out: string, more: object = {}): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8'))
  await writeFile(join(out, 'package.json'), `${JSON.stringify({ name, version, ...more })}\n`)
}
