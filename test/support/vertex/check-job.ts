import { fromStruct, type ProtoStruct, type ProtoValue } from '../../../core/google/struct.ts'
import type { PipelineSpec } from '../../../pipelines/specification.ts'
import type { Violations } from './refusal.ts'
import { checkLabels, type Home } from './resources.ts'

/** `PipelineJob`, as a client sends it. */
export interface SentJob {
  readonly displayName: string
  readonly pipelineSpec: ProtoStruct | null
  readonly labels: Readonly<Record<string, string>>
  readonly runtimeConfig: {
    readonly gcsOutputDirectory: string
    readonly parameters: Readonly<Record<string, unknown>>
    readonly parameterValues: Readonly<Record<string, ProtoValue>>
    readonly failurePolicy: string
  } | null
  readonly serviceAccount: string
  readonly network: string
  readonly encryptionSpec: { readonly kmsKeyName: string } | null
  readonly templateUri: string
}

const KINDS: Readonly<Record<string, ProtoValueKind>> = {
  STRING: 'stringValue',
  NUMBER_INTEGER: 'numberValue',
  NUMBER_DOUBLE: 'numberValue',
  BOOLEAN: 'boolValue',
  LIST: 'listValue',
  STRUCT: 'structValue',
}

type ProtoValueKind = 'stringValue' | 'numberValue' | 'boolValue' | 'listValue' | 'structValue'

/** What of a job is published to be required or to have a form; written from the protos, without our own checks. */
export function checkJob(home: Home, job: SentJob, faults: Violations): void {
  const at = 'pipeline_job'
  faults.check([...job.displayName].length <= 128, `${at}.display_name`, 'It is longer than 128 characters.')
  checkLabels(at, job.labels, faults)
  const directory = job.runtimeConfig?.gcsOutputDirectory ?? ''
  faults.check(
    /^gs:\/\/[a-z0-9]/.test(directory),
    `${at}.runtime_config.gcs_output_directory`,
    directory === '' ? 'Required field is not set.' : `Invalid Cloud Storage path: ${directory}.`,
  )
  if (job.network !== '') {
    const good = /^projects\/\d+\/global\/networks\/[a-z0-9-]+$/.test(job.network)
    faults.check(good, `${at}.network`, `Invalid network name: ${job.network}.`)
  }
  const key = job.encryptionSpec?.kmsKeyName
  if (key !== undefined) {
    const [, region] =
      /^projects\/[^/]+\/locations\/([^/]+)\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/.exec(key) ?? []
    faults.check(region === home.location, `${at}.encryption_spec.kms_key_name`, `Invalid key: ${key}.`)
  }
  if (job.serviceAccount !== '')
    faults.check(job.serviceAccount.includes('@'), `${at}.service_account`, 'Invalid service account.')
  if (job.pipelineSpec === null || Object.keys(job.pipelineSpec.fields).length === 0) {
    faults.add(`${at}.pipeline_spec`, 'Required field is not set.')
  } else checkSpec(fromStruct(job.pipelineSpec), job, faults)
}

function checkSpec(document: Record<string, unknown>, job: SentJob, faults: Violations): void {
  const at = 'pipeline_job.pipeline_spec'
  if ('platforms' in document || 'pipelineSpec' in document || 'pipeline_spec' in document)
    faults.add(at, 'The pipeline spec must be one document of PipelineSpec.')
  const spec = document as unknown as PipelineSpec
  faults.check(spec.schemaVersion === '2.1.0', `${at}.schema_version`, `Unsupported: ${spec.schemaVersion}.`)
  faults.check(
    /^[a-z0-9][a-z0-9-]{0,127}$/.test(spec.pipelineInfo?.name ?? ''),
    `${at}.pipeline_info.name`,
    'It must match ^[a-z0-9][a-z0-9-]{0,127}$.',
  )
  faults.check(spec.root !== undefined, `${at}.root`, 'Required field is not set.')
  faults.check(spec.deploymentSpec !== undefined, `${at}.deployment_spec`, 'Required field is not set.')
  checkValues(spec, job, faults)
}

function checkValues(spec: PipelineSpec, job: SentJob, faults: Violations): void {
  const at = 'pipeline_job.runtime_config.parameter_values'
  const { parameterValues: values = {}, parameters = {} } = job.runtimeConfig ?? {}
  const declared = spec.root?.inputDefinitions?.parameters ?? {}
  faults.check(Object.keys(parameters).length === 0, 'pipeline_job.runtime_config.parameters', 'Deprecated.')
  for (const [name, value] of Object.entries(values)) {
    const type = declared[name]?.parameterType
    if (type === undefined) faults.add(at, `Unknown parameter "${name}".`)
    else if (!isOfType(type, value)) faults.add(at, `Parameter "${name}" is not of type ${type}.`)
  }
  for (const [name, { defaultValue, isOptional }] of Object.entries(declared)) {
    const missing = !Object.hasOwn(values, name) && defaultValue === undefined && !isOptional
    if (missing) faults.add(at, `Required parameter "${name}" is missing.`)
  }
}

function isOfType(type: string, value: ProtoValue): boolean {
  const kind = KINDS[type]
  if (kind === undefined || !(kind in value)) return false
  return (
    type !== 'NUMBER_INTEGER' || Number.isInteger((value as { readonly numberValue: number }).numberValue)
  )
}
