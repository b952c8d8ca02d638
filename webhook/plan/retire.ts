import { own } from '../../core/object.ts'
import type { Plan } from './plan.ts'
import type { Observed } from './state.ts'

/**
 * The one way to take a model down: a deployment file that says so. No event and no registry does, since a missing alias is as well one
 * that is being moved, and a missing model one that a server forgot.
 */
export function planRetirement(model: string, { models }: Observed): Plan {
  const there = own(models, model)
  return { steps: there === undefined || there.foreign ? [] : [{ do: 'retire', model }] }
}
