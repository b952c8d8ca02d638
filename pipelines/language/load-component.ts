import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type {
  AnyArtifact,
  AnyParameter,
  AnyTask,
  Call,
  OutputDefinitions,
} from '../../components/definition/index.ts'
import { PressroomError, systemCode } from '../../core/errors.ts'
import type { readComponent as ReadComponent } from '../compiler/load/index.ts'
import type { Component, PipelineInputs } from './graph.ts'
import { addTask } from './recording.ts'

/** A compiled component or pipeline as a function, for use inside a pipeline; arguments are checked when it is compiled. */
export type LoadedComponent = (args?: Readonly<Record<string, unknown>>) => AnyTask

/** What types a loaded component: the definitions of its inputs and outputs, as `pressroom types` writes them. */
export interface Face<I extends PipelineInputs, O extends OutputDefinitions> {
  readonly inputs: I
  readonly outputs: O
}

/**
 * Brings in a component or a pipeline that any SDK compiled. The result is called inside a pipeline with inputs by name,
 * as a stage is, and gives a task with outputs by name.
 * @param source a file's path or URL, or what such a file holds: text of several lines or JSON
 * @throws PressroomError `file-not-found`, `not-readable`; `invalid-pipeline` for what is no such file, with all that is
 * wrong with it, or when the file does not fit the face
 */
export function loadComponent(source: string | URL): LoadedComponent
export function loadComponent<const I extends PipelineInputs, const O extends OutputDefinitions>(
  source: string | URL,
  face: Face<I, O>,
): Call<I, O>
export function loadComponent(
  source: string | URL,
  face?: Face<PipelineInputs, OutputDefinitions>,
): LoadedComponent {
  const { text, name } = readSource(source)
  const component = readComponent(text, name)
  if (face !== undefined) {
    const faults = [
      ...differences('input', face.inputs, component.inputs),
      ...differences('output', face.outputs, component.outputs),
    ]
    if (faults.length > 0) {
      throw new PressroomError('invalid-pipeline', `${name} is not what its types were made from`, {
        where: faults.join('\n  '),
        fix: 'run pressroom types again',
      })
    }
  }
  return (args = {}) => addTask(component, args)
}

/** Loaded here and not above: whoever only writes a pipeline must not pay for what reads YAML. */
function readComponent(text: string, name: string): Component {
  const require = createRequire(import.meta.url)
  // .ts in the checkout, .js in the published package.
  const loader: { readComponent: typeof ReadComponent } = require(
    `../compiler/load/index${extname(import.meta.url)}`,
  )
  return loader.readComponent(text, name)
}

/** A path has one line; YAML that means anything has more, and JSON begins with a brace. */
function readSource(source: string | URL): { readonly text: string; readonly name: string } {
  if (typeof source === 'string' && /\n|^\s*[{<]|^\s*$/.test(source)) {
    return { text: source, name: 'the text given to loadComponent()' }
  }
  const name = String(source)
  try {
    return { text: readFileSync(source, 'utf8'), name }
  } catch (cause) {
    const code = systemCode(cause)
    if (code === 'ENOENT') {
      throw new PressroomError('file-not-found', `no such file: ${name}`, {
        fix: 'give a path from the working folder, or new URL("./file.yaml", import.meta.url)',
        cause,
      })
    }
    throw new PressroomError('not-readable', `${name} cannot be read: ${code}`, { cause })
  }
}

type Definitions = Readonly<Record<string, AnyParameter | AnyArtifact>>

function differences(what: string, face: Definitions, file: Definitions): string[] {
  return [...new Set([...Object.keys(face), ...Object.keys(file)])].flatMap(name => {
    if (!Object.hasOwn(file, name)) return [`${what} "${name}" is not in the file`]
    if (!Object.hasOwn(face, name)) return [`${what} "${name}" is new in the file`]
    return isDeepStrictEqual(meaning(face[name]!), meaning(file[name]!))
      ? []
      : [`${what} "${name}" is another in the file`]
  })
}

/** A definition without what only people read. */
function meaning({ help: _, ...definition }: AnyParameter | AnyArtifact): object {
  return definition
}
