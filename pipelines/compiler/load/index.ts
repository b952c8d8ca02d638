import { PressroomError } from '../../../core/errors.ts'
import type { Component } from '../../language/graph.ts'
import type { PipelineSpec, PlatformSpec } from '../../specification.ts'
import { notCompiled, readDocuments } from './documents.ts'
import { componentOfFile } from './interface.ts'
import { withOwnOutputs } from './own-outputs.ts'
import { danglingReferences } from './references.ts'
import { Reading, type Rule } from './rules.ts'
import { PLATFORMS, SPECIFICATION } from './schema.ts'
import { isVersion1, specificationOfVersion1 } from './version1.ts'

/** A compiled file, read and found whole. */
export interface LoadedFile {
  readonly spec: PipelineSpec
  readonly platform?: PlatformSpec
}

/**
 * Reads a compiled file as a component.
 * @throws PressroomError as {@link parseCompiled} does
 */
export function readComponent(text: string, source: string): Component {
  return componentOfFile(parseCompiled(text, source))
}

/** What a message can show of a file that is wrong everywhere. */
const MOST_FAULTS = 20

/**
 * Reads compiled YAML or JSON of any SDK: schema version 2.1 with or without a platform document, or a component of
 * Kubeflow Pipelines 1. Fields come out as the proto's JSON has them, nothing that stands for nothing among them.
 * @param source how messages name the text
 * @throws PressroomError `invalid-pipeline`, naming everything that is wrong with it by its place
 */
export function parseCompiled(text: string, source: string): LoadedFile {
  const documents = readDocuments(text, source)
  const { specification } = documents
  if (isVersion1(specification))
    return { spec: checked(specificationOfVersion1(specification, source), source) }
  checkVersion(specification, source)
  const spec = checked(specification, source)
  if (documents.platform === undefined || documents.platform === null) return { spec }
  return { spec, platform: parsed(PLATFORMS, documents.platform, source) as PlatformSpec }
}

function checked(specification: unknown, source: string): PipelineSpec {
  const spec = withOwnOutputs(parsed(SPECIFICATION, specification, source) as PipelineSpec)
  const dangling = danglingReferences(spec)
  if (dangling.length > 0) throw faulty(dangling, source)
  return spec
}

/** A version that is not known may mean something else by the same field: that comes before any fault in the fields. */
function checkVersion(specification: unknown, source: string): void {
  const { schemaVersion, schema_version, pipelineSpec } = specification as Record<string, unknown>
  if (pipelineSpec !== undefined) {
    throw notCompiled(source, 'it is a Vertex AI pipeline job', 'give what its "pipelineSpec" holds')
  }
  const version = schemaVersion ?? schema_version
  if (version === undefined) {
    throw notCompiled(
      source,
      'it has neither schemaVersion (a compiled pipeline) nor implementation (an old component)',
    )
  }
  if (typeof version === 'string' && /^2\.1\.\d+$/.test(version)) return
  throw new PressroomError('invalid-pipeline', `${source} has schema version ${JSON.stringify(version)}`, {
    where: 'this release reads 2.1',
    fix: 'compile it again with a matching SDK, or use a newer Pressroom',
  })
}

function parsed(rule: Rule, document: unknown, source: string): unknown {
  const reading = new Reading()
  const read = rule(document, '', reading)
  if (reading.faults.length > 0) throw faulty(reading.faults, source)
  return read
}

function faulty(faults: readonly string[], source: string): PressroomError {
  const more = faults.length > MOST_FAULTS ? [`and ${faults.length - MOST_FAULTS} more`] : []
  return new PressroomError('invalid-pipeline', `${source} cannot be used`, {
    where: [...faults.slice(0, MOST_FAULTS), ...more].join('\n  '),
    fix: 'compile it again, with a release of its SDK that writes schema version 2.1',
  })
}
