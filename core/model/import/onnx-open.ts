import { PressroomError } from '../../errors.ts'
import { type OnnxFile, readOnnxFile } from '../graph/onnx-file.ts'
import { type Opened, openSession } from '../graph/session.ts'
import { MAX_FILE_BYTES } from '../info.ts'
import { refuse } from './refuse.ts'

/**
 * Reads a file that is to be imported.
 * @throws PressroomError `not-importable` when it is no ONNX model, or not all of one
 */
export function parseOnnx(bytes: Uint8Array, name: string): OnnxFile {
  let file: OnnxFile
  try {
    file = readOnnxFile(bytes)
  } catch (error) {
    throw refuse(`${name} is not an ONNX model`, (error as Error).message, {
      fix: 'give the .onnx file that skl2onnx, torch.onnx or another converter wrote',
      cause: error,
    })
  }
  if (file.external.length > 0) {
    throw refuse(`${name} has its weights in other files`, file.external.slice(0, 5).join(', '), {
      fix: 'write it as one file, in Python: onnx.save(onnx.load("model.onnx"), "whole.onnx")',
    })
  }
  if (bytes.length > MAX_FILE_BYTES) {
    throw refuse(`${name} is too large`, `${bytes.length} bytes; ${MAX_FILE_BYTES} is the most`, {
      fix: 'round its weights, or fit it with fewer features',
    })
  }
  return file
}

/**
 * Opens it in ONNX Runtime.
 * @throws PressroomError `package-missing` without onnxruntime-node; `not-importable` in ONNX Runtime's own words
 */
export async function openOnnx(
  bytes: Uint8Array,
  { nodes, opsets }: OnnxFile,
  name: string,
): Promise<Opened> {
  try {
    return await openSession(bytes)
  } catch (error) {
    if (error instanceof PressroomError) throw error
    const said = (error as Error).message.split('\n', 1)[0]!
    const sets = Object.entries(opsets).map(([domain, version]) => `${domain} ${version}`)
    const locale = /construct locale with name:([\w.-]+)/.exec(said)?.[1]
    if (locale !== undefined && nodes.some(({ operator }) => operator === 'StringNormalizer')) {
      throw refuse(
        `${name} wants the locale ${locale}, which this machine lacks`,
        'its StringNormalizer says so',
        {
          fix: "install the locale wherever the model is to run, or convert it with skl2onnx's option {'locale': 'C.utf8'} of the vectoriser",
          cause: error,
        },
      )
    }
    throw refuse(`ONNX Runtime does not take ${name}`, `${said}\n  its operators are of ${sets.join(', ')}`, {
      fix: "convert it with the standard's operators, or install a newer onnxruntime-node",
      cause: error,
    })
  }
}
