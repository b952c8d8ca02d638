import { PressroomError } from '../errors.ts'
import type { FittedModel } from '../learn/index.ts'
import { type FeatureState, type Features, restoreFeatures } from '../text/index.ts'
import { decodeContainer } from './container.ts'
import { decodeFeatureState } from './feature-state.ts'
import { aFittedModel } from './fitted-model.ts'
import { readModelFolder } from './folder.ts'
import { readFormat1 } from './format-1.ts'
import { damaged, FEATURES_FILE, MODEL_FILE, ONNX_FILE } from './info.ts'
import { createPredictor, type Predictor } from './predictor.ts'
import type { FittedInfo, Model, Runtime } from './types.ts'

/** What our own code computes a model from; folders of format 1 have the two last. */
const NATIVE_FILES = [FEATURES_FILE, MODEL_FILE, 'vocabulary.txt', 'weights.bin']

export interface LoadOptions {
  /**
   * What computes a model of engine `native`. Default our own code, which is faster for a single row; a folder without model.onnx
   * has nothing else. Linear models are ours alone, graphs from elsewhere ONNX Runtime's.
   */
  readonly runtime?: Runtime | undefined
}

/**
 * Loads a sealed model folder, every file's digest checked.
 * @throws PressroomError `file-not-found`, `not-readable`; `model-foreign` when it is not a folder that this release can
 * load; `model-damaged` when it is not what was sealed; `package-missing` when its features, or its engine, need one that is
 * not installed.
 */
export async function loadModel(folder: string, { runtime = 'pressroom' }: LoadOptions = {}): Promise<Model> {
  const { info, files } = await readModelFolder(folder, (name, { engine }) =>
    name === ONNX_FILE
      ? engine === 'onnx-text' || (engine !== 'linear' && runtime === 'onnxruntime')
      : NATIVE_FILES.includes(name),
  )
  const graph = files.get(ONNX_FILE)
  // Imported here because only graphs need ONNX Runtime.
  const graphs = () => import('./graph/load-graph.ts')
  if (info.engine === 'onnx-text') return (await graphs()).loadGraph(folder, info, graph!)
  const { features, predictor } = await loadFitted(folder, info, files)
  const model = native(info, predictor)
  if (info.engine === 'linear' || runtime === 'pressroom' || graph === undefined) return model
  return (await graphs()).byExport(folder, model, features, graph)
}

/** A model that this release computes itself. */
async function loadFitted(
  folder: string,
  info: FittedInfo,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<{ features: Features; predictor: Predictor }> {
  const read = <T>(name: string, decode: (bytes: Uint8Array) => T): T => {
    try {
      return decode(files.get(name)!)
    } catch (error) {
      throw damaged(folder, `${name}: ${(error as Error).message}`, error)
    }
  }
  const { state, model } =
    info.formatVersion === 1
      ? readFormat1(read, info.settings)
      : {
          state: read(FEATURES_FILE, bytes => decodeFeatureState(decodeContainer(bytes), info.settings)),
          model: read(MODEL_FILE, bytes => aFittedModel(decodeContainer(bytes), 'model')),
        }
  const features = await restore(folder, info, state)
  requireFit(folder, info, features, model)
  return { features, predictor: createPredictor(features, model, info.labels) }
}

/** Apart from whatever has the files: what these functions see is held for as long as the model is. */
function native(info: FittedInfo, predictor: Predictor): Model {
  return {
    info,
    runtime: 'pressroom',
    predict: async rows => predictor.predict(rows),
    explain: async (row, top) => predictor.explain(row, top),
    // Nothing to release: that is for graphs, which are held outside of the heap.
    [Symbol.asyncDispose]: async () => {},
  }
}

async function restore(folder: string, info: FittedInfo, state: FeatureState): Promise<Features> {
  try {
    return await restoreFeatures(state)
  } catch (error) {
    if (!(error instanceof PressroomError) || error.code !== 'model-damaged') throw error
    const name = info.formatVersion === 1 ? 'vocabulary.txt' : FEATURES_FILE
    const what = [error.what, error.where].filter(part => part !== undefined).join(': ')
    throw damaged(folder, `${name}: ${what}`, error)
  }
}

function requireFit(folder: string, info: FittedInfo, { columns }: Features, model: FittedModel): void {
  if (model.features !== info.features || columns !== info.features) {
    const said = `pressroom.json has ${info.features} features`
    throw damaged(folder, `${said}, those of the rows are ${columns}, the model's ${model.features}`)
  }
  if (model.classes !== info.labels.length) {
    throw damaged(
      folder,
      `pressroom.json has ${info.labels.length} labels, the model ${model.classes} classes`,
    )
  }
}
