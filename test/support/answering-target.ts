import { loadModel } from '../../core/model/index.ts'
import type { Target } from '../../webhook/index.ts'
import type { ObservedModel } from '../../webhook/plan/state.ts'

/** A target that does what it is told, in memory. */
export interface AnsweringTarget extends Target {
  /** Percent by version. */
  traffic(model: string): Readonly<Record<string, number>>
  /** How often it was observed. */
  readonly observations: number
}

/** One that has nothing loaded; what is loaded answers as it would in a service. */
export function answeringTarget(): AnsweringTarget {
  const models = new Map<string, ObservedModel>()
  const folders = new Map<string, string>()
  let observations = 0
  const of = (model: string): ObservedModel => models.get(model) ?? { versions: [], traffic: {} }
  return {
    name: 'memory',
    can: { canary: false, shadow: false, measure: [] },
    get observations() {
      return observations
    },
    traffic: model => of(model).traffic,
    async observe() {
      observations += 1
      return { models: Object.fromEntries(models) }
    },
    async apply(step, { source }) {
      const { versions, traffic } = of(step.model)
      if (step.do === 'load') {
        folders.set(`${step.model} ${step.version}`, await source!.files())
        models.set(step.model, { versions: [...new Set([...versions, step.version])], traffic })
      } else if (step.do === 'retire') models.delete(step.model)
      else if (step.do === 'shift') models.set(step.model, { versions, traffic: step.split })
      else if (step.do === 'unload') {
        models.set(step.model, { versions: versions.filter(version => version !== step.version), traffic })
      }
    },
    async ask(model, version, texts) {
      const loaded = await loadModel(folders.get(`${model} ${version}`)!)
      return (await loaded.predict(texts.map(text => ({ text })))).map(({ label }) => label)
    },
  }
}
