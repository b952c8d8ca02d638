import { VERSION } from '../core/version.ts'
import type { AnyStage } from './definition/index.ts'

/** The one image that holds every shipped stage (components/Containerfile); whatever names it reads it here. */
export const PRESSROOM_IMAGE = `pressroom/stages:${VERSION}`

/** A stage as Kubeflow starts it. */
export interface StageContainer {
  readonly image: string
  readonly command: readonly string[]
  readonly args: readonly string[]
}

/** A container of a compiled file, whoever compiled it. */
interface AnyContainer {
  readonly image?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
}

type Named = Pick<AnyStage, 'name' | 'image'>

/**
 * The container of a stage: ours, or a team's in the image that its definition names. The command is spelled out since
 * Kubeflow's launcher ignores an image's entrypoint, and the stage takes everything from `{{$}}`, the one placeholder that
 * every back end resolves whole (backend/src/v2/component/launcher_v2.go of kubeflow/pipelines).
 */
export function containerOf({ name, image = PRESSROOM_IMAGE }: Named): StageContainer {
  return { image, command: ['pressroom'], args: [name, '--executor_input', '{{$}}'] }
}

/**
 * The stage's name when the container is one that {@link containerOf} made, on the shipped image or on that of the
 * registered stage of this name; else undefined.
 */
export function stageOfContainer(
  container: AnyContainer,
  stages: ReadonlyMap<string, Named> = new Map(),
): string | undefined {
  const name = container.args?.[0]
  if (name === undefined) return undefined
  const images = [PRESSROOM_IMAGE, stages.get(name)?.image]
  return images.includes(container.image) && startsStage(container) ? name : undefined
}

/** Whether a container starts a stage by the command of {@link containerOf}, in whatever image. */
export function startsStage({ command = [], args = [] }: AnyContainer): boolean {
  const expected = containerOf({ name: args[0] ?? '' })
  return [...command, ...args].join('\0') === [...expected.command, ...expected.args].join('\0')
}
