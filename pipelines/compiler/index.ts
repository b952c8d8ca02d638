export { type CompileOptions, compile, compileStage } from './compile.ts'
export { toYaml } from './yaml.ts'
