/** The services in deploy/cloud-run against the definition that Google publishes of what `gcloud run services replace` sends. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import { load } from 'js-yaml'
import { isObject } from '../../core/object.ts'
import { pythonWith } from './python.ts'
import type { Checks } from './suite.ts'

/** It brings the discovery documents of all of Google's APIs. */
const CLIENT = 'google-api-python-client==2.202.0'
const ROOT = join(import.meta.dirname, '../..')
const FILES = ['deployer.yaml', 'deployer-throttled.yaml']
/** Annotations that the first version of the API has for fields of its second, and that only the latter's protos name. */
const FIELDS_OF_V2 = {
  'run.googleapis.com/invoker-iam-disabled': 'bool invoker_iam_disabled',
  'run.googleapis.com/cpu-throttling': 'bool cpu_idle',
  'run.googleapis.com/startup-cpu-boost': 'bool startup_cpu_boost',
}

interface Discovery {
  readonly revision: string
  readonly schemas: Readonly<Record<string, object>>
}

interface Annotated {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> }
}

export async function available(): Promise<string | undefined> {
  const found = await pythonWith('discovery', [CLIENT])
  return 'reason' in found ? found.reason : undefined
}

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that it is there.
  const { python } = (await pythonWith('discovery', [CLIENT])) as { python: string }
  const discovery = await readDiscovery(python)
  const validate = new Ajv({ allErrors: true }).compile(strict(discovery))
  const told = JSON.stringify(discovery.schemas)
  const protos = await Promise.all(
    ['service', 'k8s.min'].map(name =>
      readFile(
        join(ROOT, `node_modules/@google-cloud/run/build/protos/google/cloud/run/v2/${name}.proto`),
        'utf8',
      ),
    ),
  )
  for (const file of FILES) {
    const service = load(await readFile(join(ROOT, 'deploy/cloud-run', file), 'utf8'))
    await t.check(`${file} is a service of the API's revision ${discovery.revision}`, async () => {
      assert.ok(validate(service), JSON.stringify(validate.errors))
    })
    await t.check(`${file} has annotations that Cloud Run knows`, async () => {
      const { metadata, spec } = service as Annotated & { readonly spec: { readonly template: Annotated } }
      for (const name of Object.keys({ ...metadata.annotations, ...spec.template.metadata.annotations })) {
        const field = Object.hasOwn(FIELDS_OF_V2, name) && FIELDS_OF_V2[name as keyof typeof FIELDS_OF_V2]
        assert.ok(field ? protos.some(text => text.includes(field)) : told.includes(`\`${name}\``), name)
      }
    })
  }
  await t.check('a field that the API does not have is found', async () => {
    const broken = load(
      (await readFile(join(ROOT, 'deploy/cloud-run', FILES[0]!), 'utf8')).replace(
        'timeoutSeconds:',
        'timeout:',
      ),
    )
    assert.ok(!validate(broken))
    assert.deepEqual(
      validate.errors?.map(({ params }) => params.additionalProperty),
      ['timeout'],
    )
  })
}

async function readDiscovery(python: string): Promise<Discovery> {
  const program = 'import googleapiclient.discovery_cache as c; print(c.__path__[0])'
  const { stdout } = await promisify(execFile)(python, ['-c', program])
  return JSON.parse(await readFile(join(stdout.trim(), 'documents/run.v1.json'), 'utf8'))
}

/** The definition of a Service as JSON Schema, in which no object has a field that is not named. */
function strict({ schemas }: Discovery): object {
  const definitions = Object.entries(schemas).map(([name, schema]) => [name, converted(schema)])
  return { $ref: '#/definitions/Service', definitions: Object.fromEntries(definitions) }
}

/** Discovery documents are of JSON Schema's third draft (developers.google.com/discovery/v1/reference/apis#resource). */
function converted(schema: unknown): object {
  assert.ok(isObject(schema))
  const { $ref, type, properties, items, additionalProperties, enum: values } = schema
  if (typeof $ref === 'string') return { $ref: `#/definitions/${$ref}` }
  if (type === 'any') return {}
  const named = isObject(properties)
    ? Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, converted(each)]))
    : {}
  return {
    type,
    ...(values !== undefined && { enum: values }),
    ...(items !== undefined && { items: converted(items) }),
    ...(type === 'object' && {
      properties: named,
      additionalProperties: additionalProperties === undefined ? false : converted(additionalProperties),
    }),
  }
}
