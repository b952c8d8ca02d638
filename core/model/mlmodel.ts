const tensor = (name: string, dtype: string, shape: readonly number[]) => ({
  type: 'tensor',
  name,
  'tensor-spec': { dtype, shape },
})

/**
 * The file MLmodel, with which `mlflow.pyfunc` and `mlflow.onnx` load model.onnx (MLflow 3). It is YAML by name; JSON is
 * YAML too. Pressroom makes models without Python: `python_version` only keeps MLflow from warning that there is none.
 */
export function mlmodelText(classes: number): string {
  const inputs = [tensor('ids', 'int64', [-1, -1]), tensor('values', 'float32', [-1, -1])]
  const outputs = [tensor('label', 'int64', [-1]), tensor('probabilities', 'float32', [-1, classes])]
  const model = {
    flavors: {
      onnx: { data: 'model.onnx', providers: ['CPUExecutionProvider'] },
      python_function: { loader_module: 'mlflow.onnx', data: 'model.onnx', python_version: '3.11.7' },
    },
    signature: { inputs: JSON.stringify(inputs), outputs: JSON.stringify(outputs) },
  }
  return `${JSON.stringify(model, undefined, 2)}\n`
}
