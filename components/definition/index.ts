export * from './artifacts.ts'
export * from './parameters.ts'
export * from './stage.ts'
export * from './wiring.ts'
