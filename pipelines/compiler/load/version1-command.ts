import type { Json } from '../../../components/definition/index.ts'
import { isObject } from '../../../core/object.ts'
import { pythonJson } from '../../language/python-json.ts'
import type { Reading } from './rules.ts'
import { isParameter, keyOf, type Port, slug, type Version1 } from './version1-ports.ts'

/** A part of the command line as text, placeholders in the form of today (`_to_string` of kfp/dsl/placeholders.py). */
export function commandLine(part: Json, path: string, component: Version1, reading: Reading): string {
  const converted = placeholder(part, path, component, reading)
  return typeof converted === 'string' ? converted : pythonJson(converted)
}

function placeholder(part: Json, path: string, component: Version1, reading: Reading): Json {
  if (typeof part === 'string') return part
  if (typeof part === 'number' || typeof part === 'boolean') return String(part)
  const [[kind, value] = ['', null], ...more] = isObject(part)
    ? Object.entries(part as Record<string, Json>)
    : []
  const unknown = () => {
    reading.fault(path, `is ${JSON.stringify(part)}, which is no text and no placeholder`)
    return ''
  }
  if (more.length > 0) return unknown()
  const convert = (each: Json, i: number) => placeholder(each, `${path}[${i}]`, component, reading)
  if (kind === 'executorInput') return '{{$}}'
  if (kind === 'concat' && Array.isArray(value)) return { Concat: value.map(convert) }
  if (kind === 'if' && isObject(value)) {
    const { cond, then, else: otherwise } = value as Record<string, Json>
    const input = isObject(cond) ? cond.isPresent : undefined
    if (typeof input !== 'string' || then === undefined) return unknown()
    const branch = (branch: Json) => (Array.isArray(branch) ? branch.map(convert) : convert(branch, 0))
    const given =
      otherwise !== undefined && otherwise !== null && !(Array.isArray(otherwise) && otherwise.length === 0)
    return {
      IfPresent: {
        InputName: slug(input, '_'),
        Then: branch(then),
        ...(given && { Else: branch(otherwise) }),
      },
    }
  }
  if (typeof value !== 'string') return unknown()
  const key = slug(value, '_')
  const port = (ports: readonly Port[] = []) => ports.find(each => keyOf(each) === key)
  const output = kind.startsWith('output')
  const found = port(output ? component.outputs : component.inputs)
  if (found === undefined) {
    reading.fault(path, `refers to "${value}", which is no ${output ? 'output' : 'input'}`)
    return ''
  }
  switch (kind) {
    case 'inputValue':
      return `{{$.inputs.parameters['${key}']}}`
    case 'inputPath':
      return `{{$.inputs.artifacts['${key}'].path}}`
    case 'inputUri':
      return `{{$.inputs.artifacts['${key}'].uri}}`
    case 'outputPath':
      return isParameter(found)
        ? `{{$.outputs.parameters['${key}'].output_file}}`
        : `{{$.outputs.artifacts['${key}'].path}}`
    case 'outputUri':
      return `{{$.outputs.artifacts['${key}'].uri}}`
    default:
      return unknown()
  }
}
