/** What a pipeline's author imports; nothing here loads what a stage does. */
export {
  type AnyTask,
  type ArtifactReference,
  artifact,
  boolean,
  type Condition,
  choice,
  integer,
  list,
  number,
  optionalArtifact,
  type ParameterReference,
  struct,
  type Task,
  text,
} from '../components/definition/index.ts'
export { and, not, or, type Truth, when } from './language/conditions.ts'
export { container } from './language/container.ts'
export {
  type AnyPipeline,
  isPipeline,
  type Pipeline,
  type PipelineDefinition,
  type PipelineOutputs,
  pipeline,
} from './language/pipeline.ts'
export type { PipelineSpec, PlatformSpec } from './specification.ts'
