import { PressroomError } from '../../errors.ts'
import { loadOnnxRuntime, type OnnxRuntime } from '../onnx-runtime.ts'

export type Session = Awaited<ReturnType<OnnxRuntime['InferenceSession']['create']>>
export type Tensor = InstanceType<OnnxRuntime['Tensor']>

/** A graph that ONNX Runtime holds until this is disposed. */
export interface Opened extends AsyncDisposable {
  readonly runtime: OnnxRuntime
  readonly session: Session
}

/** What a graph said of a row. */
export interface Answer {
  /** In the order of the classes, as they came. */
  readonly probabilities: Float64Array
  /** The graph's own label, where it gives one: a name, or a whole number. */
  readonly label: string | number | bigint | undefined
}

/** ONNX Runtime runs in this thread: between two runs of so many rows a service hears other requests, and what a graph spells out fits. */
export const ROWS_AT_ONCE = 32
/** Only what ends the process is printed; all else comes as an error. */
const FATAL = 4

/**
 * Opens a graph in ONNX Runtime. One thread a run: the order of the sums, and with it the last digits, is then always the same.
 * @throws PressroomError `package-missing` without onnxruntime-node; Error with ONNX Runtime's own words when it takes no such graph
 */
export async function openSession(bytes: Uint8Array): Promise<Opened> {
  const runtime = await loadOnnxRuntime()
  const options = { intraOpNumThreads: 1, logSeverityLevel: FATAL } as const
  const session = await runtime.InferenceSession.create(bytes, options)
  return { runtime, session, [Symbol.asyncDispose]: () => session.release() }
}

/**
 * One run of a graph.
 * @throws PressroomError `prediction-failed` with ONNX Runtime's own words
 */
export async function runGraph(
  { session }: Opened,
  feeds: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
): Promise<Readonly<Record<string, Tensor>>> {
  try {
    return (await session.run(feeds, outputs)) as Record<string, Tensor>
  } catch (error) {
    throw noAnswer((error as Error).message, error)
  }
}

/**
 * The rows of a tensor of numbers, which must be so many.
 * @throws PressroomError `prediction-failed`
 */
export function numberRows({ data, dims }: Tensor, wanted: number): Float64Array[] {
  const [rows, classes, ...rest] = dims
  if (rows !== wanted || classes === undefined || rest.length > 0) {
    throw noAnswer(`probabilities of the shape ${JSON.stringify(dims)} for ${wanted} rows`)
  }
  const numbers = Float64Array.from(data as Float32Array | Float64Array)
  return Array.from({ length: rows }, (_, row) => numbers.slice(row * classes, (row + 1) * classes))
}

/** The error for a graph that fails, or gives something else than it should; `how` is a clause. */
export function noAnswer(how: string, cause?: unknown): PressroomError {
  return new PressroomError('prediction-failed', 'the ONNX graph gave no answer', {
    where: how.split('\n', 1)[0],
    fix: 'ask it the same in Python, by onnxruntime; a graph that was imported as it is fails there too',
    cause,
  })
}
