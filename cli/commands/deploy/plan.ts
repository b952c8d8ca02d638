import { asPressroomError } from '../../../core/errors.ts'
import { suggest } from '../../../core/nearest.ts'
import {
  DEFAULT_POLICY,
  isBlind,
  type LookOptions,
  look,
  type ModelView,
  tell,
  tellWaiting,
} from '../../../webhook/index.ts'
import type { CommandContext } from '../../command.ts'
import { styled } from '../../output.ts'

/** Shows what would be done, as a person reads it or as JSON. */
export async function showPlan(options: LookOptions, context: CommandContext): Promise<void> {
  const { views, away } = await look(options)
  if (away !== undefined) throw asPressroomError(away)
  const blind = views.find(isBlind)
  if (blind !== undefined) throw asPressroomError(blind.error)
  const seen = views as readonly ModelView[]
  await warnOfAbsent(seen, options, context)
  if (context.json) {
    const models = seen.map(({ model, desired, observed, held, plan }) => ({
      model,
      desired,
      observed,
      held,
      ...plan,
    }))
    return context.print(JSON.stringify({ target: options.target.name, models }))
  }
  if (seen.length === 0) return context.print(`no model of ${options.registry.location} is to be deployed`)
  for (const view of seen) context.print(linesOf(view).join('\n'))
}

/** A model that the file names and that is not to be deployed is left as it is: meant so, or a slip of the fingers. */
async function warnOfAbsent(
  seen: readonly ModelView[],
  { registry, policy = DEFAULT_POLICY }: LookOptions,
  { log }: CommandContext,
): Promise<void> {
  const absent = [...policy.models].filter(([name]) => !seen.some(({ model }) => model === name))
  if (absent.length === 0) return
  const listed = await registry.searchModels()
  for (const [name, { serve }] of absent) {
    const found = listed.find(model => model.name === name)
    if (found === undefined) {
      const near = suggest(
        name,
        listed.map(model => model.name),
      )
      log.warn(`${name} is left as it is: ${registry.location} has no such model${near}`)
    } else {
      const near = suggest(serve, Object.keys(found.aliases))
      log.warn(`${name} is left as it is: it has no alias ${serve}${near}`)
    }
  }
}

function linesOf({ model, desired, observed, held, plan }: ModelView): string[] {
  const shares = Object.entries(observed.traffic).filter(([, share]) => share > 0)
  const serving = shares.map(([version, share]) => `${version} (${share} %)`).join(', ') || 'nothing'
  const retires = plan.steps.some(step => step.do === 'retire')
  const left = retires ? 'nothing is to serve' : 'left as it is'
  const wanted = desired === undefined ? left : `${desired.serve} is to serve`
  const head = `${styled('bold', model)}   ${serving} serves, ${wanted}`
  const steps = plan.steps.map(step => `  ${tell(step, 'due')}`)
  const later = laterSteps(plan.steps, desired?.steps ?? []).map(line => `  ${line}`)
  const told = tellWaiting(plan)
  const waiting = told === undefined ? [] : [`  ${told}`]
  const nothing = steps.length + waiting.length === 0 ? ['  nothing to do'] : []
  const stays = held.map(({ alias, version, reason }) =>
    styled('yellow', `  ${version} @${alias} is held: ${reason}`),
  )
  return [head, ...steps, ...later, ...waiting, ...nothing, ...stays]
}

/** What a rollout that begins goes on to. */
function laterSteps(
  steps: ModelView['plan']['steps'],
  canary: readonly { share: number; wait: number }[],
): string[] {
  const begun = steps.find(step => step.do === 'shift')
  const share = begun?.do === 'shift' ? begun.rollout?.share : undefined
  if (share === undefined) return []
  const from = canary.findIndex(step => step.share === share)
  return canary.slice(from).map(({ wait }, i, rest) => {
    const next = rest[i + 1]
    const minutes = `${Math.round(wait / 6000) / 10} min`
    return next === undefined
      ? `after ${minutes} what served before is unloaded`
      : `after ${minutes} it gets ${next.share} %`
  })
}
