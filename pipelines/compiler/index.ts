export { type CompileOptions, compile, compileDocuments, compileStage, requireTarget } from './compile.ts'
export type { Documents } from './emit.ts'
export { limitsOn, type Target } from './targets.ts'
export { toYaml } from './yaml.ts'
