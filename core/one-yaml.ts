import { loadAll } from 'js-yaml'
import { PressroomError } from './errors.ts'

/**
 * What a settings file says that is one YAML document; one that is empty, or holds only comments, says nothing: `{}`.
 * @throws PressroomError `invalid-setting` naming the file
 */
export function parseOneYaml(text: string, file: string): unknown {
  try {
    const [document, ...more] = loadAll(text)
    if (more.length > 0) throw new Error(`it holds ${more.length + 1}`)
    return document ?? {}
  } catch (cause) {
    const where = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new PressroomError('invalid-setting', `${file} is not one YAML document`, { where, cause })
  }
}
