import type { ModelInfo } from '../core/model/index.ts'

/** The columns beside the text that the model's features look at. */
export function modelColumns(info: ModelInfo): readonly string[] {
  return 'settings' in info ? Object.keys(info.settings.columns) : []
}
