import { PressroomError } from '../errors.ts'
import { own } from '../object.ts'
import type { Registry, VersionStage } from './types.ts'

/*
 * How people name a version: by number, alias or stage beside the model's name, or as one of MLflow's URIs.
 */

const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const satisfies readonly VersionStage[]

type Which =
  | { readonly by: 'version'; readonly value: string }
  | { readonly by: 'alias'; readonly value: string }
  | { readonly by: 'stage'; readonly value: VersionStage }
  | { readonly by: 'latest' }

/** A model, and which version of it; nothing where nothing says so. */
export interface Reference {
  readonly name: string
  readonly which: Which | undefined
}

/** What was given: a model's name or URI, and perhaps, beside a name, which version. */
export interface GivenReference {
  readonly name: string
  readonly version?: string | undefined
  readonly stage?: VersionStage | undefined
  /** Counts where nothing else says which version. */
  readonly alias?: string | undefined
}

/**
 * Reads what was given.
 *
 * The URIs are those of MLflow (mlflow/store/artifact/utils/models.py): `models:/NAME/VERSION`, `models:/NAME@ALIAS`,
 * `models:/NAME/latest` and `models:/NAME/STAGE`, the last two in any letter case.
 * @throws PressroomError `invalid-parameter` for another URI, or two ways to say which version
 */
export function parseReference({ name: text, version, stage, alias }: GivenReference): Reference {
  const uri = text.startsWith('models:') ? parseUri(text) : undefined
  const given: Which[] = []
  if (uri?.which !== undefined) given.push(uri.which)
  if (version !== undefined) given.push({ by: 'version', value: version })
  if (stage !== undefined) given.push({ by: 'stage', value: stage })
  if (given.length > 1) {
    throw new PressroomError('invalid-parameter', `two things say which version of ${text} is meant`, {
      fix: 'give one of: a version, a stage, a models:/ address of one',
    })
  }
  const fallback: Which | undefined = alias === undefined ? undefined : { by: 'alias', value: alias }
  return { name: uri?.name ?? text, which: given[0] ?? fallback }
}

function parseUri(uri: string): Reference {
  const [, name, alias, other] = /^models:\/+([^/@]+)(?:@([^/@]+)|\/([^/@]+))$/.exec(uri) ?? []
  if (name !== undefined && alias !== undefined) return { name, which: { by: 'alias', value: alias } }
  if (name !== undefined && other !== undefined) {
    if (/^\d+$/.test(other)) return { name, which: { by: 'version', value: other } }
    if (other.toLowerCase() === 'latest') return { name, which: { by: 'latest' } }
    const stage = STAGES.find(stage => stage.toLowerCase() === other.toLowerCase())
    if (stage !== undefined) return { name, which: { by: 'stage', value: stage } }
  }
  throw new PressroomError('invalid-parameter', `${JSON.stringify(uri)} names no version of a model`, {
    fix: `use models:/NAME@ALIAS, models:/NAME/3, models:/NAME/latest, or models:/NAME/ with one of ${STAGES.join(', ')}`,
  })
}

/**
 * The number of the version that is meant, of several in a stage the newest; undefined where there is none. A version's own
 * number is not looked up.
 * @param warn is told that stages are deprecated, where one is used
 */
export async function resolveReference(
  registry: Pick<Registry, 'getModel' | 'searchVersions'>,
  { name, which }: Reference,
  warn: (line: string) => void,
): Promise<string | undefined> {
  if (which === undefined) return undefined
  if (which.by === 'version') return which.value
  if (which.by === 'alias') return own((await registry.getModel(name))?.aliases ?? {}, which.value)
  if (which.by === 'stage') warn(STAGES_ARE_DEPRECATED)
  const versions = await registry.searchVersions(name)
  return versions.find(({ stage }) => which.by === 'latest' || stage === which.value)?.version
}

/**
 * As {@link resolveReference}.
 * @throws PressroomError `not-registered` where there is none, `invalid-parameter` where nothing says which
 */
export async function requireReferenced(
  registry: Pick<Registry, 'getModel' | 'searchVersions'>,
  reference: Reference,
  warn: (line: string) => void,
): Promise<string> {
  const { name, which } = reference
  if (which === undefined) {
    throw new PressroomError('invalid-parameter', `nothing says which version of ${name} is meant`, {
      fix: 'give its version, or name it as MLflow does: models:/NAME@ALIAS',
    })
  }
  const version = await resolveReference(registry, reference, warn)
  if (version !== undefined) return version
  const sought = which.by === 'latest' ? 'registered' : `${which.by === 'alias' ? '@' : 'in '}${which.value}`
  throw new PressroomError('not-registered', `no version of ${name} is ${sought}`, {
    fix: 'name a --version, or see: pressroom models',
  })
}

/** MLflow 2.9 deprecated them (mlflow.org/docs/latest/ml/model-registry, "Migrating from Stages"). */
export const STAGES_ARE_DEPRECATED =
  'stages are deprecated in MLflow since 2.9, and changing one tells no webhook; an alias says the same: pressroom promote'
