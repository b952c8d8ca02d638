import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { pythonWith } from '../../test/interop/python.ts'

/** AG News beside the project, or undefined: its licence keeps it out. */
export function findCorpus(): string | undefined {
  const folder = resolve(import.meta.dirname, '../../../shared/data/ag_news')
  return existsSync(join(folder, 'train.csv')) ? folder : undefined
}

/** A Python with the peer, or why there is none. */
export function findPeer(): Promise<{ python: string } | { reason: string }> {
  return pythonWith('sklearn', ['scikit-learn==1.9.1', 'numpy==2.4.6', 'onnxruntime==1.31.1'])
}

/**
 * Makes a plain script of a contender, as the published package is plain JavaScript: reading TypeScript costs Node memory and
 * time that no user pays. What is imported when it is needed stays in scripts of its own, as it does there.
 * @returns the script's path in `folder`
 */
export async function compiled(name: 'generated' | 'ours' | 'whole-ours', folder: string): Promise<string> {
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['wink-lexicon', 'entities'],
  })
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  return join(folder, `${name}.js`)
}
