import { PressroomError } from '../../core/errors.ts'
import { type ServiceProcess, type ServiceProcessOptions, startService } from './service-process.ts'
import type { Target } from './target.ts'

/** One service process on this machine. Disposing the target stops it. */
export interface LocalTarget extends Target, AsyncDisposable {
  /**
   * Starts the service when it is not running, which observing does too, and says where it answers.
   * @throws PressroomError what the service reports (`port-in-use`, say); `deployment-failed` when it ends or is silent.
   */
  start(): Promise<{ readonly url: string }>
}

/**
 * Deploys to a service process on this machine, which it starts when it is first needed, and again after it died: the new
 * one has nothing loaded, so the next plan loads what is wanted.
 */
export function localTarget(options: ServiceProcessOptions): LocalTarget {
  const listeners: ((reason: PressroomError) => void)[] = []
  let service: Promise<ServiceProcess> | undefined
  let stopped = false

  function running(): Promise<ServiceProcess> {
    if (stopped) throw new PressroomError('cancelled', 'the local service was stopped')
    service ??= launch()
    return service
  }

  async function launch(): Promise<ServiceProcess> {
    try {
      const started = await startService(options)
      void started.ended.then(reason => {
        service = undefined
        if (!stopped) for (const listener of listeners) listener(reason)
      })
      return started
    } catch (error) {
      service = undefined
      throw error
    }
  }

  return {
    name: 'local',
    can: { canary: true, shadow: true, measure: ['errorRate', 'p99', 'accuracy'] },
    async start() {
      const { url } = await running()
      return { url }
    },
    async observe() {
      const live = await running()
      try {
        return (await live.ask({ command: 'observe' })).state
      } catch (error) {
        // One that cannot even say what it has is beyond repair; observing again starts another.
        await live[Symbol.asyncDispose]()
        throw error
      }
    },
    async apply(step, { source }) {
      const { model } = step
      const live = await running()
      switch (step.do) {
        case 'load':
          await live.ask({ command: 'load', model, version: step.version, folder: await source!.files() })
          break
        case 'shift':
          await live.ask({
            command: 'traffic',
            model,
            split: step.split,
            ...(step.rollout && { rollout: step.rollout }),
          })
          break
        case 'unload':
          await live.ask({ command: 'unload', model, version: step.version })
          break
        case 'retire':
          await live.ask({ command: 'retire', model })
          break
        case 'shadow':
          await live.ask({ command: 'shadow', model, version: step.version, share: step.share })
          break
      }
    },
    async ask(model, version, texts) {
      const live = await running()
      return (await live.ask({ command: 'predict', model, version, texts })).labels ?? []
    },
    async measure(model, version, { from, to }) {
      const live = await running()
      return (await live.ask({ command: 'measure', model, version, from, to })).measured
    },
    onLost: listener => void listeners.push(listener),
    async [Symbol.asyncDispose]() {
      stopped = true
      const live = await service?.catch(() => undefined)
      await live?.[Symbol.asyncDispose]()
    },
  }
}
