import type { GraphRecord } from './types.ts'

const tensor = (name: string, dtype: string, shape: readonly number[]) => ({
  type: 'tensor',
  name,
  'tensor-spec': { dtype, shape },
})

/** What the graph of a features export takes and gives. */
export function featuresSignature(classes: number): Signature {
  return {
    inputs: [tensor('ids', 'int64', [-1, -1]), tensor('values', 'float32', [-1, -1])],
    outputs: [tensor('label', 'int64', [-1]), tensor('probabilities', 'float32', [-1, classes])],
  }
}

/** What a graph of texts takes. MLflow asks nothing of what it gives, which may be sequences that no signature can say. */
export function textSignature({ name, shape }: GraphRecord['input']): Signature {
  return {
    inputs: [
      tensor(
        name,
        'object',
        shape.map(size => (size === 'N' ? -1 : size)),
      ),
    ],
  }
}

interface Signature {
  readonly inputs: readonly object[]
  readonly outputs?: readonly object[]
}

/**
 * The file MLmodel, with which `mlflow.pyfunc` and `mlflow.onnx` load model.onnx (MLflow 3). It is YAML by name; JSON is
 * YAML too. Pressroom makes models without Python: `python_version` only keeps MLflow from warning that there is none.
 */
export function mlmodelText({ inputs, outputs }: Signature): string {
  const model = {
    flavors: {
      onnx: { data: 'model.onnx', providers: ['CPUExecutionProvider'] },
      python_function: { loader_module: 'mlflow.onnx', data: 'model.onnx', python_version: '3.11.7' },
    },
    signature: {
      inputs: JSON.stringify(inputs),
      ...(outputs && { outputs: JSON.stringify(outputs) }),
    },
  }
  return `${JSON.stringify(model, undefined, 2)}\n`
}
