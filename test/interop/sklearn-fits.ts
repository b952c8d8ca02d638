import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { SparseMatrix, Training } from '../../core/learn/index.ts'
import { runScript } from './python.ts'

const SCRIPT = join(import.meta.dirname, 'sklearn_fits.py')
/** The corpus is for research and no part of the project: it lies beside a checkout, or nowhere. */
export const AG_NEWS = resolve(import.meta.dirname, '../../../shared/data/ag_news')

/** Packages of scikit-learn's side: those that the goldens' files name. */
export const SKLEARN_PACKAGES = ['scikit-learn==1.9.1', 'numpy==2.4.6', 'onnxruntime==1.31.1']

/** One thread, and OpenBLAS as it comes: settings of this machine for other work would slow it down. */
const ENVIRONMENT = {
  ...process.env,
  ...{ OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  ...{ OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined },
}

/** Why AG News cannot be had, or undefined when it can. */
export function agNewsMissing(): string | undefined {
  return existsSync(AG_NEWS) ? undefined : 'AG News is not beside this checkout'
}

/** Writes AG News as the matrices `seed-002` and `wide`, each with `-test`, into a folder. */
export async function writeAgNews(python: string, folder: string): Promise<void> {
  await runScript(python, 'sklearn_fits.py', 'matrices', AG_NEWS, folder)
}

/** Reads one of them; of four classes. */
export function readTraining(folder: string, name: string): Training {
  const { rows, columns } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  const bytes = (part: string) => {
    const { buffer, byteOffset, byteLength } = readFileSync(join(folder, `${name}.${part}`))
    return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
  }
  const matrix: SparseMatrix = {
    ...{ rows, columns },
    indptr: new Int32Array(bytes('indptr')),
    indices: new Int32Array(bytes('indices')),
    values: new Float64Array(bytes('values')),
  }
  return { matrix, labels: new Int32Array(bytes('labels')), classes: 4 }
}

export interface FitRequest {
  readonly matrix: string
  readonly learner: string
  /** scikit-learn's own keyword arguments. */
  readonly options: Readonly<Record<string, unknown>>
  /** A file for coefficients, intercepts and predictions. */
  readonly out?: string
}

/** A Python process that fits what it is asked to. */
export interface SklearnFits extends AsyncDisposable {
  fit(request: FitRequest): Promise<{ milliseconds: number; loss: number | null }>
}

export function startSklearn(python: string, folder: string): SklearnFits {
  const child = spawn(python, [SCRIPT, 'serve', folder], {
    env: ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async fit(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error('sklearn_fits.py ended before it answered')
      return JSON.parse(value)
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** The command of a process that makes one fit, for measuring its memory. */
export function fitOnce(python: string, folder: string, request: FitRequest) {
  const program =
    'import json, sys; sys.path.insert(0, sys.argv[1]); import sklearn_fits as s; r = json.loads(sys.argv[3]); s.fit(r["learner"], *s.read_matrix(sys.argv[2], r["matrix"]), r["options"])'
  return {
    program: python,
    args: ['-c', program, import.meta.dirname, folder, JSON.stringify(request)],
    env: { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  }
}
