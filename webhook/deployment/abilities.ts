import { PressroomError } from '../../core/errors.ts'
import { type Abilities, MEASURES, type Target } from '../targets/target.ts'
import type { DeploymentPolicy, ModelPolicy } from './policy.ts'

/**
 * Holds what a policy asks for against what its target can do.
 * @throws PressroomError `invalid-setting` that names each model and what the target cannot do for it
 */
export function requireAbilities(
  policy: DeploymentPolicy,
  { name, can }: Pick<Target, 'name' | 'can'>,
): void {
  const models = [
    ...policy.models,
    ...(policy.others === undefined ? [] : [['defaults', policy.others] as const]),
  ]
  const faults = models.flatMap(([model, each]) => beyond(each, can).map(what => `${model}: ${what}`))
  if (faults.length === 0) return
  throw new PressroomError(
    'invalid-setting',
    `the target ${name} cannot do all that the deployment asks for`,
    {
      where: faults.join('\n  '),
      fix: 'leave it out, or deploy to a target that can: docs/deploying.md has a table',
    },
  )
}

function beyond({ beside, steps, limits }: ModelPolicy, can: Abilities): string[] {
  const split = beside?.as === 'canary' || steps.some(({ share }) => share < 100)
  return [
    ...(split && !can.canary ? ['it splits no traffic (canary)'] : []),
    ...(beside?.as === 'shadow' && !can.shadow ? ['it shadows nothing (beside.shadow)'] : []),
    ...MEASURES.filter(measure => limits[measure] !== undefined && !can.measure.includes(measure)).map(
      measure => `it does not measure ${measure} (bad.${measure})`,
    ),
  ]
}
