import { PressroomError } from '../core/errors.ts'
import { registryLocation } from '../core/registry/open.ts'

/** Everything the deployer must be told when it runs as a service. */
export interface DeployerSettings {
  readonly host: string
  /** Of the receiving route; 0 takes a free one. */
  readonly port: number
  /** Any one of them may have signed: the present one, and while it is replaced the previous. */
  readonly secrets: readonly string[]
  /** Where the registry is: MLflow's address, or a folder. */
  readonly registry: string
  /** A deployment file; without one every champion is deployed, to `target`. */
  readonly deployment: string | undefined
  /** Vertex AI when the environment names a project there, else this machine. */
  readonly target: 'vertex' | 'local'
  readonly operator: OperatorSettings
  /** Seconds between two looks at everything, events or none. */
  readonly every: number
  /** The processor is ours only while a request is answered: work is done inside `POST /reconcile` and nowhere else. */
  readonly throttled: boolean
  readonly slack: string | undefined
  readonly github: GitHubSettings | undefined
}

/** How the status page, `/metrics` and `/reconcile` are reached; without any of it they are not served. */
export interface OperatorSettings {
  /** A port of their own, which asks nobody who they are: keep it inside the network. 0 takes a free one. */
  readonly port: number | undefined
  /** What lets a person or program in on the public port. */
  readonly token: string | undefined
  /** Who may call `/reconcile` with an identity token of Google's. */
  readonly oidc: { readonly audience: string; readonly account: string } | undefined
}

export interface GitHubSettings {
  /** `owner/name` */
  readonly repository: string
  readonly token: string
  /** What its deployments are said to be of: a branch, tag or commit. */
  readonly ref: string
  readonly api: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Guessed in no time, otherwise. */
const SHORTEST_TOKEN = 16

/**
 * The deployer's settings from its environment alone, as a container has them; `docs/webhook.md` lists the variables. Those of the
 * classic MLflow receiver suffice: MLFLOW_WEBHOOK_SECRET, MLFLOW_TRACKING_URI, PROJECT_ID, LOCATION, CONTAINER_IMAGE_URI. A
 * variable that is empty counts as absent, as platforms leave those that they have no value for.
 * @throws PressroomError `invalid-setting` with every fault; it quotes no secret
 */
export function parseDeployerSettings(env: Environment): DeployerSettings {
  const faults: string[] = []
  const read = readerOf(env, faults)
  const settings: DeployerSettings = {
    host: read.text('PRESSROOM_HOST') ?? (read.text('PORT') === undefined ? '127.0.0.1' : '0.0.0.0'),
    port: read.integer('PORT', 0, 65_535) ?? 8080,
    secrets: secretsOf(read, faults),
    registry: registryLocation(undefined, env),
    deployment: read.text('PRESSROOM_DEPLOYMENT'),
    target: vertexIsNamed(read, faults) ? 'vertex' : 'local',
    operator: operatorOf(read, faults),
    every: read.integer('PRESSROOM_RECONCILE_EVERY', 1, 86_400) ?? 60,
    throttled: read.boolean('PRESSROOM_THROTTLED') ?? false,
    slack: read.url('PRESSROOM_SLACK_WEBHOOK_URL'),
    github: githubOf(read, faults),
  }
  if (settings.throttled && settings.operator.token === undefined && settings.operator.oidc === undefined) {
    faults.push(
      'PRESSROOM_THROTTLED needs somebody who may call /reconcile: set PRESSROOM_OPERATOR_TOKEN, or PRESSROOM_SCHEDULER_AUDIENCE and PRESSROOM_SCHEDULER_ACCOUNT',
    )
  }
  if (faults.length === 0) return settings
  throw new PressroomError('invalid-setting', 'the deployer cannot start with these settings', {
    where: faults.join('\n  '),
    fix: 'docs/webhook.md lists every variable',
  })
}

/** Reads variables, each fault into the list. */
interface Reader {
  text(name: string): string | undefined
  integer(name: string, least: number, most: number): number | undefined
  boolean(name: string): boolean | undefined
  /** An absolute http or https address. */
  url(name: string): string | undefined
}

function readerOf(env: Environment, faults: string[]): Reader {
  const text = (name: string) => env[name] || undefined
  return {
    text,
    integer(name, least, most) {
      const given = text(name)
      if (given === undefined) return undefined
      const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
      if (value >= least && value <= most) return value
      faults.push(`${name} is "${given}", not a whole number from ${least} to ${most}`)
      return undefined
    },
    boolean(name) {
      const given = text(name)
      if (given === undefined) return undefined
      if (given !== 'true' && given !== 'false') faults.push(`${name} is "${given}", neither true nor false`)
      return given === 'true'
    },
    url(name) {
      const given = text(name)
      if (given === undefined) return undefined
      // Not quoted: whoever knows Slack's address may post to it.
      if (!/^https?:$/.test(URL.parse(given)?.protocol ?? ''))
        faults.push(`${name} is not an https:// address`)
      return given
    },
  }
}

function secretsOf(read: Reader, faults: string[]): readonly string[] {
  const names = ['MLFLOW_WEBHOOK_SECRET', 'MLFLOW_WEBHOOK_SECRET_PREVIOUS']
  const [present, previous] = names.map(read.text)
  if (present === undefined) {
    faults.push(
      'MLFLOW_WEBHOOK_SECRET is not set: give a long random text, the same that the webhook was made with',
    )
  }
  for (const name of names) {
    // Left by an echo into a secret manager, and then no signature fits.
    if (/^\s|\s$/.test(read.text(name) ?? '')) faults.push(`${name} begins or ends with white space`)
  }
  return [present, previous].filter(secret => secret !== undefined)
}

function vertexIsNamed(read: Reader, faults: string[]): boolean {
  // A deployment file names the target, which may want only some of them.
  if (read.text('PRESSROOM_DEPLOYMENT') !== undefined) return false
  const given = together(read, faults, ['PROJECT_ID', 'LOCATION', 'CONTAINER_IMAGE_URI'])
  return given.every(value => value !== undefined)
}

function operatorOf(read: Reader, faults: string[]): OperatorSettings {
  const token = read.text('PRESSROOM_OPERATOR_TOKEN')
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    faults.push('PRESSROOM_OPERATOR_TOKEN has characters other than visible ASCII')
  if (token !== undefined && token.length < SHORTEST_TOKEN)
    faults.push(`PRESSROOM_OPERATOR_TOKEN has fewer than ${SHORTEST_TOKEN} characters`)
  const [audience, account] = together(read, faults, [
    'PRESSROOM_SCHEDULER_AUDIENCE',
    'PRESSROOM_SCHEDULER_ACCOUNT',
  ])
  return {
    port: read.integer('PRESSROOM_OPERATOR_PORT', 0, 65_535),
    token,
    oidc: audience && account ? { audience, account } : undefined,
  }
}

function githubOf(read: Reader, faults: string[]): GitHubSettings | undefined {
  const [repository, token] = together(read, faults, [
    'PRESSROOM_GITHUB_REPOSITORY',
    'PRESSROOM_GITHUB_TOKEN',
  ])
  if (repository !== undefined && !/^[\w.-]+\/[\w.-]+$/.test(repository))
    faults.push(`PRESSROOM_GITHUB_REPOSITORY is "${repository}", not owner/name`)
  const ref = read.text('PRESSROOM_GITHUB_REF') ?? 'main'
  const api = (read.url('PRESSROOM_GITHUB_API') ?? 'https://api.github.com').replace(/\/+$/, '')
  return repository && token ? { repository, token, ref, api } : undefined
}

/** Variables of which all or none are set. */
function together(read: Reader, faults: string[], names: readonly string[]): (string | undefined)[] {
  const values = names.map(read.text)
  const absent = names.filter((_, at) => values[at] === undefined)
  if (absent.length > 0 && absent.length < names.length) {
    const given = names.filter(name => !absent.includes(name))
    faults.push(`${given.join(' and ')} needs ${absent.join(' and ')} beside it`)
  }
  return values
}
