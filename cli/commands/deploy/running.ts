import { asPressroomError } from '../../../core/errors.ts'
import {
  DEFAULT_POLICY,
  type LookOptions,
  type Observed,
  observeService,
  type Target,
} from '../../../webhook/index.ts'
import type { CommandContext } from '../../command.ts'

type Work = Pick<LookOptions, 'registry' | 'target' | 'policy'>

/**
 * The target on this machine as a dry run sees it: what the service that another command started on the port says of itself, else
 * an empty one, as a deployment would start it. None is started, and nothing is measured.
 */
export async function asItServes(work: Work, port: number, context: CommandContext): Promise<Target> {
  const seen = port === 0 ? undefined : await lookAt(`http://127.0.0.1:${port}`, work, context)
  if (port === 0) context.log.info('no port is named to look at: the plan is for an empty service')
  return { ...work.target, observe: async () => seen ?? { models: {} }, measure: async () => undefined }
}

async function lookAt(
  url: string,
  { registry, policy = DEFAULT_POLICY }: Work,
  { signal, log }: CommandContext,
): Promise<Observed | undefined> {
  const listed = (await registry.searchModels()).map(({ name }) => name)
  const models = new Set([...listed, ...policy.models.keys(), ...policy.retired])
  try {
    const seen = await observeService(url, [...models], signal)
    log.info(
      seen === undefined
        ? `nothing serves at ${url}: the plan is for the empty service that deploy starts`
        : `the plan is for what serves at ${url}, as it is seen from outside: its deployments are those of the command that started it`,
    )
    return seen
  } catch (error) {
    signal.throwIfAborted()
    const { message } = asPressroomError(error)
    log.warn(
      `what serves on this machine could not be observed, and the plan is for an empty service: ${message}`,
    )
    return undefined
  }
}
