import type { SparseMatrix } from '../learn/index.ts'
import { ONNX_FILE, PYFUNC_FILE, TEXT_ONNX_FILE } from './info.ts'
import { probabilityColumn } from './labels.ts'
import type { GraphRecord } from './types.ts'

/*
 * The files with which `mlflow.pyfunc` and `mlflow.onnx` load a folder (MLflow 3): MLmodel, which says what the folder holds, and an
 * example as MLflow's client takes it, and as its scoring server does.
 */

/** Enough for whoever looks at it; the graph works in single precision. */
const EXAMPLE_DECIMALS = 6

type Files = Readonly<Record<'MLmodel' | 'input_example.json' | 'serving_input_example.json', string>>

const tensor = (name: string, dtype: string, shape: readonly number[]) => ({
  type: 'tensor',
  name,
  'tensor-spec': { dtype, shape },
})

/**
 * Of model.onnx, which takes features.
 * @param classes how many the model has
 * @param example one row of features, which is shown and can be sent as it is
 */
export function mlflowFiles(classes: number, example: SparseMatrix): Files {
  const told = {
    onnx: ONNX_FILE,
    pyfunc: ONNX_FILE,
    inputs: [tensor('ids', 'int64', [-1, -1]), tensor('values', 'float32', [-1, -1])],
    outputs: [tensor('label', 'int64', [-1]), tensor('probabilities', 'float32', [-1, classes])],
  }
  return filesOf({ ...told, example: 'ndarray' }, tensorsOf(example))
}

/**
 * Of text.onnx and pyfunc.onnx, which take texts. The column of texts has no name in the signature: only then does MLflow take a
 * list of texts, beside a table whose first column they are.
 * @param labels the classes' names
 * @param example a text
 */
export function mlflowFilesOfTexts(labels: readonly string[], example: string): Files {
  const column = (type: string, name: string) => ({ type, name, required: true })
  const told = {
    onnx: TEXT_ONNX_FILE,
    pyfunc: PYFUNC_FILE,
    inputs: [{ type: 'string', required: true }],
    outputs: [column('string', 'label'), ...labels.map(label => column('float', probabilityColumn(label)))],
  }
  return filesOf({ ...told, example: 'json_object' }, [example])
}

/** Of a graph of texts from elsewhere. MLflow asks nothing of what it gives, which may be sequences that no signature can say. */
export function mlmodelOfGraph({ name, shape }: GraphRecord['input']): string {
  const sizes = shape.map(size => (size === 'N' ? -1 : size))
  return mlmodelText({ onnx: ONNX_FILE, pyfunc: ONNX_FILE, inputs: [tensor(name, 'object', sizes)] })
}

/** What MLmodel says of a folder. */
interface Told {
  /** The files that `mlflow.onnx` and `mlflow.pyfunc` load. */
  readonly onnx: string
  readonly pyfunc: string
  /** The signature. */
  readonly inputs: readonly object[]
  readonly outputs?: readonly object[]
  /** What kind of example stands beside it (mlflow/models/utils.py, _Example). */
  readonly example?: 'ndarray' | 'json_object'
}

function filesOf(told: Told, example: object): Files {
  return {
    MLmodel: mlmodelText(told),
    'input_example.json': `${JSON.stringify(example)}\n`,
    'serving_input_example.json': `${JSON.stringify({ inputs: example })}\n`,
  }
}

/**
 * MLmodel is YAML by name; JSON is YAML too. Pressroom makes models without Python: `python_version` only keeps MLflow from
 * warning that there is none.
 */
function mlmodelText({ onnx, pyfunc, inputs, outputs, example }: Told): string {
  const model = {
    flavors: {
      onnx: { data: onnx, providers: ['CPUExecutionProvider'] },
      python_function: { loader_module: 'mlflow.onnx', data: pyfunc, python_version: '3.11.7' },
    },
    signature: {
      inputs: JSON.stringify(inputs),
      ...(outputs && { outputs: JSON.stringify(outputs) }),
    },
    ...(example && {
      saved_input_example_info: {
        artifact_path: 'input_example.json',
        type: example,
        serving_input_path: 'serving_input_example.json',
      },
    }),
  }
  return `${JSON.stringify(model, undefined, 2)}\n`
}

/** The first row as it goes into the graph; the graph takes no row without features, so none is one of value 0. */
function tensorsOf({ indices, values, indptr }: SparseMatrix) {
  const end = indptr[1]!
  if (end === 0) return { ids: [[0]], values: [[0]] }
  const rounded = Array.from(values.subarray(0, end), value => Number(value.toFixed(EXAMPLE_DECIMALS)))
  return { ids: [[...indices.subarray(0, end)]], values: [rounded] }
}
