import { optionalPackage } from '../optional-package.ts'

export type OnnxRuntime = typeof import('onnxruntime-node')

/**
 * ONNX Runtime, loaded on the first call: it is a native library of some 45 MB that linear models do without.
 * @throws PressroomError `package-missing` when it is not installed, or does not run on this machine.
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  return optionalPackage('onnxruntime-node', () => import('onnxruntime-node'))
}
