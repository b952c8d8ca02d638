import { restoreTfidf } from '../text/tfidf.ts'
import { readModelFolder } from './folder.ts'
import { damaged } from './info.ts'
import { linearPredictor } from './linear.ts'
import type { Model } from './types.ts'
import { decodeVocabulary } from './vocabulary.ts'
import { decodeWeights } from './weights.ts'

/**
 * Loads a sealed model folder, every file's digest checked.
 * @throws PressroomError `file-not-found`, `not-readable`; `model-foreign` when it is not a folder that this release can
 * load; `model-damaged` when it is not what was sealed.
 */
export async function loadModel(folder: string): Promise<Model> {
  const { info, files } = await readModelFolder(folder)
  const read = <T>(name: string, decode: (bytes: Uint8Array) => T): T => {
    try {
      return decode(files.get(name)!)
    } catch (error) {
      throw damaged(folder, `${name}: ${(error as Error).message}`, error)
    }
  }
  const vocabulary = read('vocabulary.txt', decodeVocabulary)
  const { idf, model } = read('weights.bin', decodeWeights)
  if (model.features !== info.features || vocabulary.length !== info.features) {
    throw damaged(
      folder,
      `pressroom.json has ${info.features} features, vocabulary.txt ${vocabulary.length}, weights.bin ${model.features}`,
    )
  }
  if (model.classes !== info.labels.length) {
    throw damaged(folder, `pressroom.json has ${info.labels.length} labels, weights.bin ${model.classes}`)
  }
  const features = read('vocabulary.txt', () => restoreTfidf({ settings: info.text, vocabulary, idf }))
  const predictor = linearPredictor(features, model, info.labels)
  return {
    info,
    predict: async texts => predictor.predict(texts),
    explain: async (text, top) => predictor.explain(text, top),
    // Nothing to release: the interface is for engines that hold memory outside the heap.
    [Symbol.asyncDispose]: async () => {},
  }
}
