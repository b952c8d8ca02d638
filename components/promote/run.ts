import type { Registry, VersionStage } from '../../core/registry/index.ts'
import { checkAlias } from '../../core/registry/names.ts'
import {
  parseReference,
  requireReferenced,
  resolveReference,
  STAGES_ARE_DEPRECATED,
} from '../../core/registry/references.ts'
import type { StageRun } from '../definition/index.ts'
import { openStageRegistry } from '../open-registry.ts'
import type { inputs, outputs } from './stage.ts'

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, log, signal }) => {
  const { stage } = inputs
  const alias = inputs.alias ?? (stage === undefined ? 'champion' : undefined)
  // Before anything is moved: a wrong alias must not leave half a promotion behind.
  if (alias !== undefined) checkAlias(alias)
  const reference = parseReference({ name: inputs.name, version: inputs.version })
  const { name } = reference
  await using registry = await openStageRegistry(inputs.registry, { log, signal })
  signal.throwIfAborted()
  const warnings = new Set<string>()
  const version = await requireReferenced(registry, reference, line => warnings.add(line))
  const before: (string | undefined)[] = []
  if (stage !== undefined) {
    warnings.add(STAGES_ARE_DEPRECATED)
    before.push(await moveToStage(registry, name, version, stage))
  }
  if (alias !== undefined) before.push(await registry.setAlias(name, alias, version))
  for (const line of warnings) log.warn(line)
  const at = [...(alias === undefined ? [] : [`@${alias}`]), ...(stage === undefined ? [] : [`in ${stage}`])]
  const previous = before.at(-1)
  if (previous !== undefined && previous !== version) log.info(`${alias ?? stage} was ${name} ${previous}`)
  return { parameters: { previous: previous ?? '' }, summary: `${name} ${version} ${at.join(', ')}` }
}

export default run

/** As seed 001 promotes: what was in the stage is archived. Returns it. */
async function moveToStage(
  registry: Registry,
  name: string,
  version: string,
  stage: VersionStage,
): Promise<string | undefined> {
  const which = { by: 'stage', value: stage } as const
  const previous = stage === 'None' ? undefined : await resolveReference(registry, { name, which }, () => {})
  await registry.transitionStage(name, version, stage, true)
  return previous
}
