import { artifact, container, each, format, importer, integer, kubernetes, pipeline, text, when } from '../../../pipelines/index.ts'
import { feast, op } from './steps.ts'

/** The pipeline `odds` of test/interop/kfp_goldens.py: what the other goldens leave out. */

const scale = container(
  {
    name: 'scale',
    inputs: { n: integer('By how much.') },
    outputs: { d: artifact('dataset', 'What came of it.'), twice: integer('Two times n.') },
  },
  ({ inputs, outputs }) => ({ image: 'alpine', command: ['scale', inputs.n], args: [outputs.d.path, outputs.twice.file] }),
)

const inner = pipeline({ name: 'inner-odds', inputs: { uri: text('') } }, ({ uri }) => {
  const brought = importer({ uri, type: 'dataset', reimport: true, toWorkspace: true })
  return { Output: brought.artifact }
})

export default pipeline(
  {
    name: 'odds',
    description: 'What the others leave out.',
    inputs: { name: text('Of the image.'), limit: integer({ default: 2, help: 'Least to scale by.' }) },
    outputs: { twice: 'Two times three.' },
    workspace: { size: '1Gi', claim: { storageClassName: 'standard', accessModes: ['ReadWriteOnce'] } },
  },
  ({ name, limit }) => {
    const word = op({ word: name })
    importer({
      uri: 'gs://b/a',
      type: 'model',
      metadata: [
        ['n', format`x-${word.out}`],
        [word.out, name],
        [name, { k: [limit, 'l'] }],
      ],
    })
    const { all } = each([1, 2, 3], n => {
      let made: ReturnType<typeof scale> | undefined
      when(n.isAtLeast(limit), () => {
        made = scale({ n })
      })
      return { all: made!.d }
    })
    feast({ ds: all })
    const last = scale({ n: 3 })
    inner({ uri: word.out })
    kubernetes(last, {
      configMapsAsFiles: [{ configMap: 'c', path: '/c' }],
      ephemeralVolumes: [
        { name: 'e', path: 'e', accessModes: ['ReadWriteOnce'], size: '1Gi', annotations: { a: '1' } },
      ],
      securityContext: { user: 1000, group: 0 },
      nodeAffinity: [
        {
          json: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 5, preference: { matchExpressions: [{ key: 'z', operator: 'In', values: ['a'] }] } },
            ],
          },
        },
      ],
      tolerations: [{ key: 'k', operator: 'Exists' }],
      secretsAsEnv: [{ secret: word.out, keys: { k: 'K' } }],
    })
    return { all, twice: last.twice }
  },
)
