import { openRegistry, registryLocation } from '../../core/registry/index.ts'
import type { StageRun } from '../definition/index.ts'
import type { inputs, outputs } from './stage.ts'

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, log, signal }) => {
  const { name, version, alias } = inputs
  await using registry = await openRegistry(registryLocation(inputs.registry))
  signal.throwIfAborted()
  const previous = await registry.setAlias(name, alias, version)
  if (previous !== undefined && previous !== version) log.info(`${alias} was ${name} ${previous}`)
  return { parameters: { previous: previous ?? '' }, summary: `${name} ${version} @${alias}` }
}

export default run
