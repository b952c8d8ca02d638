/** What a pipeline's author imports; nothing here loads what a stage does. */
export {
  type AnyReference,
  type AnyTask,
  type ArtifactListReference,
  type ArtifactReference,
  artifact,
  artifactList,
  boolean,
  type Condition,
  choice,
  type ExitHandler,
  type FormattedText,
  integer,
  type ListReference,
  list,
  number,
  optionalArtifact,
  type ParameterReference,
  struct,
  type Task,
  text,
  type UntypedReference,
} from '../components/definition/index.ts'
export { and, type Branches, not, or, type Truth, when } from './language/conditions.ts'
export { concat, container, ifPresent } from './language/container.ts'
export { finalStatus, onExit, taskConfig } from './language/exit.ts'
export { format, run } from './language/format.ts'
export { importer } from './language/importer.ts'
export { type KubernetesSettings, kubernetes } from './language/kubernetes/settings.ts'
export { type Face, type LoadedComponent, loadComponent } from './language/load-component.ts'
export { collect, each } from './language/loops.ts'
export {
  type AnyPipeline,
  isPipeline,
  type Pipeline,
  type PipelineDefinition,
  type PipelineOutputs,
  pipeline,
} from './language/pipeline.ts'
export type { PipelineSpec, PlatformSpec } from './specification.ts'
