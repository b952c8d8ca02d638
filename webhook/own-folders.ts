import type { Registry } from '../core/registry/types.ts'
import type { DeploymentPolicy } from './deployment/policy.ts'

/** Where a registry itself keeps files; not asked for where a deployment file says what is allowed. */
export async function ownFolders(
  registry: Pick<Registry, 'location' | 'artifactRoot'>,
  { sources }: Pick<DeploymentPolicy, 'sources'>,
): Promise<readonly string[]> {
  const root = sources === undefined ? await registry.artifactRoot?.() : undefined
  return root === undefined ? [registry.location] : [registry.location, root]
}
