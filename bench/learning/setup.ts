import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
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
