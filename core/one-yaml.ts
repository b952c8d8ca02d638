import { loadAll } from 'js-yaml'
import { messageOf, PressroomError } from './errors.ts'
import { isWalkable, MOST_LEVELS, MOST_VALUES } from './object.ts'

/**
 * What a settings file says that is one YAML document; one that is empty, or holds only comments, says nothing: `{}`.
 * @throws PressroomError `invalid-setting` naming the file
 */
export function parseOneYaml(text: string, file: string): unknown {
  try {
    const [document, ...more] = loadAll(text)
    if (more.length > 0) throw new Error(`it holds ${more.length + 1}`)
    if (!isWalkable(document))
      throw new Error(
        `its aliases (*name) stand for more than ${MOST_LEVELS} levels or ${MOST_VALUES} values`,
      )
    return document ?? {}
  } catch (cause) {
    const where = messageOf(cause).split('\n')[0]
    throw new PressroomError('invalid-setting', `${file} is not one YAML document`, { where, cause })
  }
}
