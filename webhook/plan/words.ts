import type { Plan, Step } from './plan.ts'

type Told = 'done' | 'failed' | 'due'

const WORDS: Readonly<Record<Step['do'], Readonly<Record<Told, string>>>> = {
  load: { done: 'is loaded', failed: 'could not be loaded', due: 'is to be loaded' },
  check: {
    done: 'answers its golden examples',
    failed: 'failed its check',
    due: 'is to be asked its golden examples',
  },
  shift: { done: 'is given', failed: 'could not be given', due: 'is to be given' },
  shadow: {
    done: 'is given copies of',
    failed: 'could not be given copies of',
    due: 'is to be given copies of',
  },
  unload: { done: 'is unloaded', failed: 'could not be unloaded', due: 'is to be unloaded' },
  retire: { done: 'is taken down', failed: 'could not be taken down', due: 'is to be taken down' },
  keep: { done: 'is noted as good', failed: 'could not be noted as good', due: 'is to be noted as good' },
  reject: { done: 'is rejected', failed: 'could not be rejected', due: 'is to be rejected' },
}

/** A step that was taken, was not, or is still to be taken, as a person reads it: `news 2 is loaded`. */
export function tell(step: Step, how: Told): string {
  const words = WORDS[step.do][how]
  const subject = 'version' in step ? `${step.model} ${step.version}` : step.model
  switch (step.do) {
    case 'shift':
      return Object.entries(step.split)
        .map(([version, share]) => `${step.model} ${version} ${words} ${share} %`)
        .join(', ')
    case 'shadow':
      return `${subject} ${words} ${step.share} % of the requests`
    case 'reject':
      return `${subject} ${words}: ${step.reason}`
    default:
      return `${subject} ${words}`
  }
}

/** What a rollout waits for, as a person reads it; undefined when it waits for nothing. */
export function tellWaiting({ wakeAt, lacks }: Plan): string | undefined {
  if (wakeAt === undefined) return undefined
  const [lack] = lacks ?? []
  if (lack === undefined) return `waits until ${new Date(wakeAt).toISOString()}`
  const { version, had, until } = lack
  const end = new Date(until).toISOString()
  return `${version} had ${had}: it waits for more until ${end}, and then its golden examples decide`
}
