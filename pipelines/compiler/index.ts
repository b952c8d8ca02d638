export { type CompileOptions, compile, compileDocuments, compileStage } from './compile.ts'
export type { Documents } from './emit.ts'
export { findLimits, type Target } from './targets.ts'
export { toYaml } from './yaml.ts'
