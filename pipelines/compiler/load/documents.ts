import {
  CORE_SCHEMA,
  defineScalarTag,
  floatYaml11Tag,
  intYaml11Tag,
  loadAll,
  NOT_RESOLVED,
  YAMLException,
} from 'js-yaml'
import { PressroomError } from '../../../core/errors.ts'
import { isObject, isWalkable, MOST_LEVELS, MOST_VALUES } from '../../../core/object.ts'

/** A compiled file as it is read, nothing in it checked yet. */
export interface Documents {
  readonly specification: unknown
  /** What the second document holds, for one platform. */
  readonly platform: unknown
}

/**
 * The documents of a compiled file: one, or two with what one platform needs.
 * @param source how messages name the text
 * @throws PressroomError `invalid-pipeline` for what is no such YAML
 */
export function readDocuments(text: string, source: string): Documents {
  const documents = parse(text, source)
  if (!documents.every(document => isWalkable(document))) {
    const most = `${MOST_LEVELS} levels or ${MOST_VALUES} values`
    throw notCompiled(source, `its aliases (*name) stand for more than ${most}`, 'write it without aliases')
  }
  const [first, second, ...more] = documents
  if (more.length > 0) {
    throw notCompiled(source, `it holds ${more.length + 2} YAML documents, not one or two`)
  }
  if (!isObject(first)) throw notCompiled(source, whatInstead(text, first))
  return { specification: first, platform: second }
}

/** Lines of a file that may be moved for {@link moveLine}; each costs reading the file again. */
const MOST_MOVED = 1000
/** Further in than anything that is nested {@link MOST_LEVELS} levels deep. */
const INDENT = ' '.repeat(400)

/** PyYAML's words for true and false: those of YAML 1.1 less y and n. */
const bool = defineScalarTag('tag:yaml.org,2002:bool', {
  implicit: true,
  resolve: word => {
    if (/^(?:true|yes|on)$/i.test(word)) return true
    return /^(?:false|no|off)$/i.test(word) ? false : NOT_RESOLVED
  },
  identify: value => typeof value === 'boolean',
  represent: String,
})

/**
 * What PyYAML makes of plain words, since SDKs write with it: 1e3 is text, 0777 an octal number. Dates stay text, as the
 * specification has none. JSON has no plain words but its own.
 */
const PYTHON = CORE_SCHEMA.withTags(bool, intYaml11Tag, floatYaml11Tag)

/** The one way to say that a file is something else. */
export function notCompiled(source: string, where: string, fix?: string): PressroomError {
  return new PressroomError('invalid-pipeline', `${source} is not a compiled pipeline or component`, {
    where,
    fix: fix ?? 'compile the pipeline again, or fetch the file again',
  })
}

function parse(text: string, source: string): unknown[] {
  const schema = text.trimStart().startsWith('{') ? CORE_SCHEMA : PYTHON
  let rest = text
  for (let moved = 0; ; moved++) {
    try {
      return loadAll(rest, { schema })
    } catch (cause) {
      const indented = moved < MOST_MOVED ? moveLine(rest, cause) : undefined
      if (indented === undefined) {
        const where = cause instanceof Error ? cause.message.split('\n')[0] : undefined
        throw new PressroomError('invalid-pipeline', `${source} is not YAML`, { where, cause })
      }
      rest = indented
    }
  }
}

/**
 * PyYAML and Go's YAML let a value in quotes or brackets go on in a line that is indented no further than what holds it, and
 * there are files written so; js-yaml asks for one space more, as the specification does. White space before such a line means
 * nothing, so it is moved.
 * @returns the text with the line that was complained of moved, or undefined for any other complaint
 */
function moveLine(text: string, complaint: unknown): string | undefined {
  if (!(complaint instanceof YAMLException) || complaint.reason !== 'deficient indentation') return undefined
  const lines = text.split('\n')
  const line = lines[complaint.mark?.line ?? -1]
  if (line === undefined || line.startsWith(INDENT)) return undefined
  lines[complaint.mark!.line] = INDENT + line
  return lines.join('\n')
}

function whatInstead(text: string, value: unknown): string {
  if (text.trim() === '') return 'it is empty'
  if (/^\s*</.test(text)) return 'it is HTML: perhaps the page that shows the file, or a page to log in'
  return `it holds ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}, not a mapping`
}
