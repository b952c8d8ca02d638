import {
  artifact,
  artifactList,
  each,
  format,
  importer,
  kubernetes,
  list,
  number,
  onExit,
  pipeline,
  struct,
  text,
  when,
} from '../../../pipelines/index.ts'
import { coin, eat, feast, gather, num, op, sink, weigh } from './steps.ts'

const inner = pipeline(
  {
    name: 'inner',
    inputs: { words: list({ help: '', of: 'string' }), share: number({ help: '', default: 0.5 }) },
  },
  ({ words, share }) => {
    const { Output } = each(
      words,
      word => {
        const { Output } = each(
          [1.5, 2],
          share => {
            const { out } = op({ word })
            weigh({ share, extra: { 'é"': 'a' } })
            return { Output: out }
          },
          { of: 'number' },
        )
        gather({ words: Output })
        return { Output }
      },
      { named: 'outer loop' },
    )
    when(share.isMore(1), () => {
      sink({ word: 'much' })
    })
    return { Output }
  },
)

const innermost = pipeline({ name: 'innermost', inputs: { go: text('') } }, ({ go }) =>
  when(go.is('a'), () => ({ Output: coin().out })).otherwise(() => ({ Output: coin().out })),
)

/** All that is no group: settings, platforms, pipelines in pipelines, importers, constants with references. */
export default pipeline(
  {
    name: 'wide',
    displayName: 'Wide',
    description: 'Everything beside groups.',
    root: 'gs://bucket/root',
    workspace: { size: '2Gi' },
    timeToLive: 60,
    deadline: 3600,
    inputs: {
      go: text(''),
      words: list({ help: '', of: 'string' }),
      table: artifact('dataset', ''),
      cpu: text({ help: '', default: '1' }),
      limits: struct({ help: '', default: {} }),
      tables: artifactList('dataset', ''),
    },
  },
  ({ go, words, cpu, limits, tables }) => {
    const first = op({ word: 'first' })
    const got = inner({ words }).cache(false)
    gather({ words: got.Output })
    const nested = innermost({ go: first.out }).named('In it')
    eat({ d: nested.Output })
    feast({ ds: tables })
    each(tables, table => {
      eat({ d: table })
    })
    const { out } = each(['ü', 'b'], word => {
      const { out } = coin().after(first)
      sink({ word })
      return { out }
    })
    feast({ ds: out })
    weigh({ share: 1, extra: { a: format`${go}!`, b: first.out }, maybe: go })
      .cpu(cpu, { request: '250m' })
      .memory(undefined, { request: '1G' })
      .accelerator('NVIDIA_TESLA_T4', 2)
    sink({ word: go })
      .image(first.out)
      .env({ A: 'b' })
      .retry(2, { backoff: 30, factor: 3, longest: 600 })
    const imported = importer({
      uri: go,
      type: 'model',
      reimport: true,
      metadata: { go, n: ['x', { y: first.out }], again: go },
    })
    sink({ word: 'keyed' }).cache({ key: 'my-key' }).after(imported)
    const guarded = onExit(sink({ word: 'exit' }), () => {
      num({ n: 1 })
    })
    sink({ word: 'after' }).after(guarded)
    kubernetes(sink({ word: 'kubernetes' }), {
      secretsAsEnv: [{ secret: go, keys: { k: 'K' } }],
      secretsAsFiles: [{ secret: 's', path: '/s', optional: true }],
      configMapsAsEnv: [{ configMap: 'c', keys: { k: 'C' } }],
      configMapsAsFiles: [{ configMap: first.out, path: '/c' }],
      volumes: [
        { claim: 'claim', path: '/v', subPath: 'sub' },
        { claim: go, path: '/w' },
      ],
      ephemeralVolumes: [
        { name: 'e', path: '/e', accessModes: ['ReadWriteOnce'], size: '1Gi', labels: { l: '1' } },
      ],
      emptyDirectories: [{ name: 'd', path: '/d', medium: 'Memory', size: '1Gi' }],
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoExecute', seconds: 30 }],
      nodeAffinity: [{ labels: [{ key: 'z', operator: 'In', values: ['a'] }], weight: 5 }],
      labels: { pod: 'label' },
      annotations: { pod: 'note' },
      imagePullSecrets: ['pull', go],
      imagePullPolicy: 'Always',
      timeout: 120,
      securityContext: { user: 1000, nonRoot: true },
      fieldsAsEnv: { NODE: 'spec.nodeName' },
    })
    when(go.is('z'), () => {
      kubernetes(sink({ word: 'in' }), { nodeSelector: limits })
    })
  },
)
