export * from './baselines.ts'
export * from './linear-model.ts'
export * from './logistic-regression.ts'
export * from './matrix.ts'
