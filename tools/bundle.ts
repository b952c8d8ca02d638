import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildOptions, Metafile } from 'esbuild'

/** How esbuild makes one script of ours for Node, whatever runs it: an action or a container. */
export const BUNDLE = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  metafile: true,
  // The packages' licences go whole into a file beside the script.
  legalComments: 'none',
  // A native addon cannot be bundled; without it a model folder says that its export is unchecked. The Kubernetes client
  // is for who gives a kubeconfig, which no bundle does, and the lemmatiser's three megabytes would be read at every start.
  // The clients of buckets are some megabytes too: a workflow has the vendors' own commands.
  external: [
    'onnxruntime-node',
    '@kubernetes/client-node',
    'wink-lemmatizer',
    '@aws-sdk/client-s3',
    '@aws-sdk/lib-storage',
    '@google-cloud/storage',
  ],
  // Bundled CommonJS packages ask for require, which modules do not have.
  banner: { js: `import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);` },
} satisfies BuildOptions

/**
 * The licences of all packages in a bundle, as these ask for in every copy.
 * @throws Error when one of them does not even name its licence
 */
export async function licensesOf(metafile: Metafile, root: string): Promise<string> {
  const paths = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs))
  const packages = paths.flatMap(path => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? [])
  const texts = [...new Set(packages)].sort().map(name => licenseOf(name, join(root, 'node_modules', name)))
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)
}

async function licenseOf(name: string, folder: string): Promise<string> {
  const { license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  if (typeof license !== 'string') throw new Error(`${name} is bundled, and names no licence`)
  const file = (await readdir(folder)).find(file => /^licen[cs]e/i.test(file))
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8')
  return `${name}: ${license}\n\n${text.replaceAll('\r\n', '\n').trim()}`.trim().concat('\n')
}
