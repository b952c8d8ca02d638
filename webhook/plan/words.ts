import type { Step } from './plan.ts'

const WORDS: Readonly<Record<Step['do'], { readonly done: string; readonly failed: string }>> = {
  load: { done: 'is loaded', failed: 'could not be loaded' },
  check: { done: 'answers its golden examples', failed: 'failed its check' },
  shift: { done: 'is given', failed: 'could not be given' },
  shadow: { done: 'is given copies of', failed: 'could not be given copies of' },
  unload: { done: 'is unloaded', failed: 'could not be unloaded' },
}

/** A step that was taken, or was not, as a person reads it: `news 2 is loaded`. */
export function tell(step: Step, how: 'done' | 'failed'): string {
  const words = WORDS[step.do][how]
  if (step.do === 'shadow') return `${step.model} ${step.version} ${words} ${step.share} % of the requests`
  if (step.do !== 'shift') return `${step.model} ${step.version} ${words}`
  const shares = Object.entries(step.split).map(
    ([version, share]) => `${step.model} ${version} ${words} ${share} %`,
  )
  return shares.join(', ')
}
