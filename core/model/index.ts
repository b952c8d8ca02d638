export { describeLearner, describeRounding } from './card.ts'
export { digestModel } from './folder.ts'
export { indexLabels, probabilityColumn } from './labels.ts'
export { loadModel } from './load.ts'
export { predictInPieces } from './pieces.ts'
export type { Precision } from './precision.ts'
export { sealModel } from './seal.ts'
export type {
  Explanation,
  FittedInfo,
  GraphInfo,
  LearnerRecord,
  Model,
  ModelInfo,
  Prediction,
  Runtime,
} from './types.ts'
