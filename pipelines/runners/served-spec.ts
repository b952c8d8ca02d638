import { anObject, aString, type Decoder, listOf, maybe, objectWith, recordOf } from '../../core/decode.ts'
import type { PipelineSpec } from '../specification.ts'

const producer = maybe(objectWith({ producerTask: aString }))
const sources = maybe(
  recordOf(
    objectWith({ taskOutputParameter: producer, taskOutputArtifact: producer, taskFinalStatus: producer }),
  ),
)
const aTask = objectWith({
  taskInfo: objectWith({ name: aString }),
  componentRef: objectWith({ name: aString }),
  inputs: maybe(objectWith({ parameters: sources, artifacts: sources })),
  triggerPolicy: maybe(objectWith({ strategy: maybe(aString), condition: maybe(aString) })),
  dependentTasks: maybe(listOf(aString)),
  parameterIterator: maybe(
    objectWith({
      items: (value, at) => {
        const { raw, inputParameter } = objectWith({ raw: maybe(aString), inputParameter: maybe(aString) })(
          value,
          at,
        )
        return aString(raw ?? inputParameter, `${at}.raw`)
      },
    }),
  ),
  artifactIterator: maybe(objectWith({ items: objectWith({ inputArtifact: aString }) })),
})
const aComponent = objectWith({
  executorLabel: maybe(aString),
  dag: maybe(objectWith({ tasks: maybe(recordOf(aTask)) })),
})
const aSpec = objectWith({
  pipelineInfo: objectWith({ name: aString, displayName: maybe(aString) }),
  root: aComponent,
  components: maybe(recordOf(aComponent)),
  deploymentSpec: maybe(objectWith({ executors: maybe(recordOf(anObject)) })),
})

/**
 * Reads a specification that a server gives back of a run: what following the run reads of it is as it must be. The rest is left to the
 * server, which took it, and may be newer than we are.
 * @throws Error that says in one clause which part is wrong
 */
export const aServedSpec: Decoder<PipelineSpec> = (value, at) => {
  const { root, components = {} } = aSpec(value, at)
  const open = new Set<string>()
  const done = new Set<string>()
  const visit = ({ dag }: ReturnType<typeof aComponent>) => {
    for (const { componentRef } of Object.values(dag?.tasks ?? {})) {
      const { name } = componentRef
      if (open.has(name)) throw new Error(`${at}.components.${name} contains itself`)
      if (done.has(name) || !Object.hasOwn(components, name)) continue
      open.add(name)
      visit(components[name]!)
      open.delete(name)
      done.add(name)
    }
  }
  visit(root)
  return value as PipelineSpec
}
