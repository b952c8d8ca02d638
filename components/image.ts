import { VERSION } from '../core/version.ts'
import type { AnyStage } from './definition/index.ts'

/** The one image that holds every shipped stage (components/Containerfile); whatever names it reads it here. */
const PRESSROOM_IMAGE = `pressroom/stages:${VERSION}`

/** A stage as Kubeflow starts it. */
export interface StageContainer {
  readonly image: string
  readonly command: readonly string[]
  readonly args: readonly string[]
}

/**
 * The container of a stage. The command is spelled out since Kubeflow's launcher ignores an image's entrypoint, and the
 * stage takes everything from `{{$}}`, the one placeholder that every back end resolves whole
 * (backend/src/v2/component/launcher_v2.go of kubeflow/pipelines).
 * @param image a team's own image, built on ours, for stages of its own
 */
export function containerOf(stage: Pick<AnyStage, 'name'>, image = PRESSROOM_IMAGE): StageContainer {
  return { image, command: ['pressroom'], args: [stage.name, '--executor_input', '{{$}}'] }
}

/** The stage's name when the container is one that {@link containerOf} made on the shipped image, else undefined. */
export function stageOfContainer(container: {
  readonly image?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
}): string | undefined {
  const { image, command = [], args = [] } = container
  const [name] = args
  if (image !== PRESSROOM_IMAGE || name === undefined) return undefined
  const expected = containerOf({ name })
  const same = [...command, ...args].join('\0') === [...expected.command, ...expected.args].join('\0')
  return same ? name : undefined
}
