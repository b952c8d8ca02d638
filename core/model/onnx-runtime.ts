import { PressroomError, systemCode } from '../errors.ts'

export type OnnxRuntime = typeof import('onnxruntime-node')

/**
 * ONNX Runtime, loaded on the first call: it is a native library of some 45 MB that linear models do without.
 * @throws PressroomError `package-missing` when it is not installed, or does not run on this machine.
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return await import('onnxruntime-node')
  } catch (error) {
    const absent = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(systemCode(error) ?? '')
    throw new PressroomError(
      'package-missing',
      absent ? 'onnxruntime-node is not installed' : 'onnxruntime-node cannot be loaded on this machine',
      {
        where: absent ? undefined : (error as Error).message.split('\n')[0],
        fix: 'npm install onnxruntime-node',
        cause: error,
      },
    )
  }
}
