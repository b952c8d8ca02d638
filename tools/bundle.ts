import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildOptions, Metafile } from 'esbuild'

/** How esbuild makes scripts of ours for Node, whatever runs them. */
export const SCRIPT = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  metafile: true,
  // The packages' licences go whole into a file beside the script.
  legalComments: 'none',
  // Bundled CommonJS packages ask for require, which modules do not have.
  banner: { js: `import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);` },
} satisfies BuildOptions

/**
 * A native addon cannot be bundled; without it a model folder says that its export is unchecked. The Kubernetes client
 * is for who gives a kubeconfig, which no bundle does.
 */
const LEFT_OUT = ['onnxruntime-node', '@kubernetes/client-node']

/**
 * Megabytes that few ask for: the lemmatiser's tables, and the clients of buckets. An action would read them at every
 * start, and a workflow has the vendors' own commands for buckets.
 */
const LARGE = ['wink-lexicon', '@aws-sdk/client-s3', '@aws-sdk/lib-storage', '@google-cloud/storage']

/** For GitHub Actions: one script, which is committed. */
export const ACTION_BUNDLE = { ...SCRIPT, external: [...LEFT_OUT, ...LARGE] } satisfies BuildOptions

/** For containers: everything, what is loaded on demand in files of its own. */
export const IMAGE_BUNDLE = {
  ...SCRIPT,
  external: LEFT_OUT,
  // As CommonJS, what a module gives would come to a dynamic import without its names (the client of S3).
  mainFields: ['module', 'main'],
  // Stages of a team import `components`, too, and must get the very modules that run them.
  splitting: true,
  chunkNames: 'chunk-[hash]',
} satisfies BuildOptions

/**
 * The licences of all packages in a bundle, as these ask for in every copy.
 * @param beside packages that go beside it
 * @throws Error when one of them does not even name its licence
 */
export async function licensesOf(
  metafiles: readonly Metafile[],
  root: string,
  beside: readonly string[] = [],
): Promise<string> {
  const paths = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)),
  )
  // The last of a path's packages: some have their own copy of another.
  const packages = paths.flatMap(path => path.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? [])
  const folders = new Set([...packages, ...beside.map(name => `node_modules/${name}`)])
  const texts = await Promise.all([...folders].sort().map(folder => licenseOf(join(root, folder))))
  return [...new Set(texts)].join(`\n${'-'.repeat(80)}\n\n`)
}

async function licenseOf(folder: string): Promise<string> {
  const { name, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  if (typeof license !== 'string') throw new Error(`${name} is bundled, and names no licence`)
  const file = (await readdir(folder)).find(file => /^licen[cs]e/i.test(file))
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8')
  return `${name}: ${license}\n\n${text.replaceAll('\r\n', '\n').trim()}`.trim().concat('\n')
}
