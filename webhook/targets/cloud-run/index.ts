import { PressroomError } from '../../../core/errors.ts'
import { type CallSettings, GoogleCalls } from '../../../core/google/calls.ts'
import { type GoogleClients, openGoogleClients } from '../../../core/google/clients.ts'
import { parseEndpoint } from '../../../core/google/endpoint.ts'
import { isObject } from '../../../core/object.ts'
import type { ObservedModel } from '../../plan/state.ts'
import { labelsOf } from '../google/answers.ts'
import { explainFailure } from '../google/explain.ts'
import { measureServing } from '../google/measure.ts'
import type { Target } from '../target.ts'
import { CloudRunServices } from './client.ts'
import { serviceId } from './names.ts'
import { readService } from './read.ts'
import { CLOUD_RUN_CLIENTS } from './services.ts'
import type { CloudRunSettings } from './settings.ts'
import { load, retire, settled, shift, unload } from './steps.ts'

export { type CloudRunSettings, parseCloudRunSettings } from './settings.ts'

/** What a test or an impatient person changes; otherwise as {@link CallSettings}. */
export type CloudRunTargetOptions = Pick<
  CallSettings,
  'attempts' | 'pauseSeconds' | 'timeoutSeconds' | 'onRetry'
> & {
  /** Seconds between two looks. Default that of the settings. */
  readonly pollSeconds?: number
}

/** A target whose connections are closed when it is disposed. */
export interface CloudRunTarget extends Target, AsyncDisposable {}

/**
 * Deploys to Cloud Run: a service a model, each version a revision of it with a tag. All that must be remembered is in the
 * service: its traffic, and an annotation.
 */
export function cloudRunTarget(
  settings: CloudRunSettings,
  options: CloudRunTargetOptions = {},
): CloudRunTarget {
  const { project, location, image, apiEndpoint, monitoringEndpoint } = settings
  const { pollSeconds = settings.pollSeconds, ...callSettings } = options
  const endpoint = parseEndpoint(apiEndpoint ?? 'run.googleapis.com')
  const place = {
    service: 'Cloud Run',
    api: 'run.googleapis.com',
    endpoint: `${endpoint.host}:${endpoint.port}`,
    project,
    unreachable: 'check the network',
    roles: 'roles/run.developer (docs/cloud-run-target.md, "Roles")',
  }
  const console = (model: string) =>
    `https://console.cloud.google.com/run/detail/${location}/${serviceId(model)}/logs?project=${project}`
  let opened: Promise<GoogleClients> | undefined

  async function open(signal = new AbortController().signal): Promise<CloudRunServices> {
    opened ??= openGoogleClients(CLOUD_RUN_CLIENTS.name, endpoint, CLOUD_RUN_CLIENTS.version)
    const clients = await opened.catch(error => {
      opened = undefined
      throw error
    })
    const calls = new GoogleCalls(place, { ...callSettings, signal })
    return new CloudRunServices({ project, location }, clients, calls, { pollSeconds, signal })
  }

  return {
    name: 'cloud-run',
    can: { canary: true, shadow: false, measure: ['errorRate', 'p99'] },

    async observe(signal) {
      const services = await open(signal)
      const models: [string, ObservedModel][] = []
      for await (const message of services.services()) {
        const found = readService(message)
        if (found !== undefined) models.push([found.kept.model, found.state])
      }
      return { models: Object.fromEntries(models) }
    },

    async apply(step, context) {
      const { model } = step
      const services = await open(context.signal)
      try {
        if (step.do === 'shift') await shift(services, settings, step, context)
        else if (step.do === 'unload') await unload(services, step)
        else if (step.do === 'retire') await retire(services, step)
        else if (step.do === 'shadow') {
          throw new PressroomError('deployment-failed', 'Cloud Run copies no requests to a second version')
        } else if (context.source === undefined) {
          throw new PressroomError('deployment-failed', `nobody says where ${model} ${step.version} is`)
        } else await load(services, settings, step, context.source)
      } catch (error) {
        context.signal.throwIfAborted()
        const what = 'version' in step ? `${model} ${step.version}` : model
        const puller = 'the Cloud Run service agent'
        throw explainFailure(error, { what, project, image, console: console(model), puller })
      }
    },

    async ask(model, version, texts) {
      const services = await open()
      const there = await settled(services, model)
      const address = there?.loaded.get(version)?.uri
      if (there === undefined || address === undefined) {
        throw new PressroomError(
          'deployment-failed',
          `${model} ${version} is not loaded, and cannot be asked`,
        )
      }
      const uri = `${address}${settings.predictRoute}`
      const answer = await services.post(uri, there.message.uri, { instances: texts })
      const predictions = isObject(answer) && Array.isArray(answer.predictions) ? answer.predictions : []
      return labelsOf(predictions, texts, `${model} ${version}`)
    },

    async measure(model, version, window) {
      const services = await open()
      const clients = await opened!
      const revision = (await settled(services, model))?.kept.revisions[version]
      if (revision === undefined) return undefined
      const monitoring = {
        endpoint: parseEndpoint(monitoringEndpoint ?? 'monitoring.googleapis.com'),
        project,
        headers: (url: string) => clients.headers(url),
      }
      const of = [
        'resource.type="cloud_run_revision"',
        `resource.labels.service_name="${serviceId(model)}"`,
        `resource.labels.revision_name="${revision}"`,
      ].join(' AND ')
      const metrics = 'run.googleapis.com'
      return measureServing(
        monitoring,
        {
          requests: `${metrics}/request_count`,
          latencies: `${metrics}/request_latencies`,
          of,
          milliseconds: 1,
        },
        window,
      )
    },

    async [Symbol.asyncDispose]() {
      const clients = await opened?.catch(() => undefined)
      await clients?.[Symbol.asyncDispose]()
    },
  }
}
