import { readFile } from 'node:fs/promises'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { counted } from '../../core/counted.ts'
import { PressroomError } from '../../core/errors.ts'
import { suggest } from '../../core/nearest.ts'
import { parseOneYaml } from '../../core/one-yaml.ts'
import { readFailure } from '../../core/storage/failures.ts'
import {
  type Beside,
  type CanaryStep,
  DEFAULT_MODEL,
  DEFAULT_POLICY,
  type DeploymentPolicy,
  type Limits,
  type ModelPolicy,
} from './policy.ts'
import { DEPLOYMENT_SCHEMA } from './schema.ts'

/** A file that has the schema's form. */
interface DeploymentFile {
  readonly target?: { readonly kind: DeploymentPolicy['target']['kind'] } & Readonly<Record<string, unknown>>
  readonly defaults?: ModelSection
  readonly models?: Readonly<Record<string, ModelSection | null>>
  readonly retired?: readonly string[]
  readonly sources?: readonly string[]
}

interface ModelSection {
  readonly serve?: string
  readonly beside?: {
    readonly alias: string
    readonly load?: true
    readonly canary?: number
    readonly shadow?: number
  }
  readonly gates?: Partial<ModelPolicy['gates']>
  readonly canary?: readonly { readonly share: number; readonly wait: string }[]
  readonly bad?: Partial<Omit<Limits, 'within'>> & { readonly within?: string }
}

/**
 * Reads a deployment file.
 * @throws PressroomError `file-not-found` and its like; `invalid-setting` with every fault of the file
 */
export async function readDeployment(file: string): Promise<DeploymentPolicy> {
  const text = await readFile(file, 'utf8').catch(cause => {
    throw readFailure(cause, file)
  })
  return parseDeployment(text, file)
}

/**
 * Parses a deployment file: one YAML document of the form of {@link DEPLOYMENT_SCHEMA}.
 * @param file its name, for messages
 * @throws PressroomError `invalid-setting` with every fault of the file
 */
export function parseDeployment(text: string, file: string): DeploymentPolicy {
  const document = parseOneYaml(text, file)
  const validate = new Ajv2020({ allErrors: true, verbose: true }).compile<DeploymentFile>(DEPLOYMENT_SCHEMA)
  if (!validate(document)) throw invalid(file, explain(validate.errors ?? []))
  const faults: string[] = []
  const { target, defaults = {}, models, retired = [], sources } = document
  const base = modelOf(defaults, DEFAULT_MODEL, 'defaults', faults)
  const named = Object.entries(models ?? {}).map(([name, section]): [string, ModelPolicy] => {
    return [name, modelOf(section ?? {}, base, `models.${name}`, faults)]
  })
  for (const name of retired) {
    if (Object.hasOwn(models ?? {}, name)) faults.push(`${name} is among models and among retired`)
  }
  if (faults.length > 0) throw invalid(file, faults)
  const { kind = DEFAULT_POLICY.target.kind, ...settings } = target ?? {}
  return {
    target: { kind, settings },
    models: new Map(named),
    others: models === undefined ? base : undefined,
    retired: new Set(retired),
    sources,
  }
}

function modelOf(section: ModelSection, base: ModelPolicy, at: string, faults: string[]): ModelPolicy {
  const { serve = base.serve, gates = {}, canary, bad = {} } = section
  const { within, ...limits } = bad
  const beside = section.beside === undefined ? base.beside : besideOf(section.beside, `${at}.beside`, faults)
  if (beside?.alias === serve) faults.push(`${at}.beside.alias is ${serve}, the alias that serves`)
  return {
    serve,
    beside,
    gates: { ...base.gates, ...gates },
    steps: canary === undefined ? base.steps : stepsOf(canary, `${at}.canary`, faults),
    limits: { ...base.limits, ...limits, ...(within !== undefined && { within: milliseconds(within) }) },
  }
}

function besideOf(
  { alias, load, canary, shadow }: NonNullable<ModelSection['beside']>,
  at: string,
  faults: string[],
): Beside {
  const said = [load, canary, shadow].filter(value => value !== undefined).length
  if (said !== 1) faults.push(`${at} must say one of load, canary and shadow, and says ${said}`)
  if (canary !== undefined) return { alias, as: 'canary', share: canary }
  if (shadow !== undefined) return { alias, as: 'shadow', share: shadow }
  return { alias, as: 'load', share: 0 }
}

/** What follows the last step is 100, at once. */
function stepsOf(canary: NonNullable<ModelSection['canary']>, at: string, faults: string[]): CanaryStep[] {
  const steps = canary.map(({ share, wait }) => ({ share, wait: milliseconds(wait) }))
  steps.forEach(({ share }, i) => {
    const before = steps[i - 1]?.share ?? 0
    if (share <= before) faults.push(`${at}.${i}.share is ${share} after ${before}; shares must rise`)
  })
  return steps.at(-1)?.share === 100 ? steps : [...steps, { share: 100, wait: 0 }]
}

function milliseconds(text: string): number {
  const unit = { s: 1000, m: 60_000, h: 3_600_000 }[text.at(-1) as 's' | 'm' | 'h']
  return Math.round(Number(text.slice(0, -1)) * unit)
}

function explain(errors: readonly ErrorObject[]): string[] {
  const said = errors.flatMap(({ instancePath, keyword, message = '', params, parentSchema }) => {
    const at = instancePath.slice(1).replaceAll('/', '.') || 'the file'
    // Both say again what the fault inside them says.
    if (keyword === 'anyOf' || (keyword === 'type' && params.type === 'null')) return []
    if (keyword === 'additionalProperties') {
      const known = Object.keys((parentSchema as { properties?: object } | undefined)?.properties ?? {})
      const name = String(params.additionalProperty)
      return `${at} has no "${name}"${suggest(name, known)}`
    }
    if (keyword === 'enum') return `${at} must be one of ${params.allowedValues.join(', ')}`
    return `${at} ${message}`
  })
  return [...new Set(said)]
}

function invalid(file: string, faults: readonly string[]): PressroomError {
  return new PressroomError('invalid-setting', `${file} has ${counted(faults.length, 'wrong setting')}`, {
    where: faults.join('\n  '),
    fix: 'docs/reference/deployment.schema.json describes the file; an editor can check it as you type',
  })
}
