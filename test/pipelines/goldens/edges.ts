import {
  artifact,
  container,
  each,
  finalStatus,
  format,
  ifPresent,
  importer,
  integer,
  kubernetes,
  onExit,
  optionalArtifact,
  pipeline,
  run,
  taskConfig,
  text,
} from '../../../pipelines/index.ts'
import { op, sink } from './steps.ts'

const ENDPOINT = 'google.VertexEndpoint@0.0.0'

const mourn = container(
  {
    name: 'mourn',
    inputs: { status: finalStatus(''), config: taskConfig(''), note: text({ help: '', default: 'none' }) },
  },
  ({ inputs }) => ({
    image: 'alpine',
    command: ['x', `--note=${inputs.note}`, '{{$}}'],
    passthroughs: [{ field: 'RESOURCES', applyToTask: true }, { field: 'ENV' }],
  }),
)
const bury = container(
  { name: 'bury', inputs: { note: text({ help: '', default: 'none' }) } },
  ({ inputs }) => ({ image: 'alpine', command: ['x', inputs.note] }),
)
const ask = container(
  {
    name: 'ask',
    inputs: {
      endpoint: artifact(ENDPOINT, ''),
      table: optionalArtifact('dataset', ''),
      maybe: integer({ help: '', optional: true }),
    },
    outputs: { answer: artifact(ENDPOINT, '') },
  },
  ({ inputs: { endpoint }, outputs: { answer } }) => ({
    image: 'alpine',
    command: ['x', endpoint.uri, endpoint.metadataOf('region'), answer.path],
    args: [ifPresent('maybe', '--maybe', ['--never', '--ever'])],
  }),
)

const asking = pipeline(
  {
    name: 'asking',
    description: 'Asks, and takes notes.',
    inputs: {
      endpoint: artifact(ENDPOINT, ''),
      maybe: integer({ help: '', optional: true }),
      note: text({ help: '', optional: true }),
      table: optionalArtifact('dataset', ''),
    },
    outputs: { answer: 'What it said.' },
  },
  ({ endpoint, maybe, table }) => {
    const { answer } = ask({ endpoint, maybe, table })
    const { notes } = each(['a', 'b'], word => ({ notes: op({ word }).out }))
    return { answer, notes }
  },
)

/** What the orchestrator fills in, what may be left out, and what only Kubernetes knows, in its rarer forms. */
export default pipeline(
  {
    name: 'edges',
    workspace: { size: '1Gi', claim: { accessModes: ['ReadWriteOnce'] } },
    inputs: {
      uri: text(''),
      region: text({ help: '', default: 'eu' }),
      table: optionalArtifact('dataset', ''),
    },
  },
  ({ uri, region, table }) => {
    onExit(
      mourn({ note: region }),
      () => {
        op({ word: run.jobName })
        sink({ word: run.taskId })
        sink({ word: format`${run.workspacePath}/${region}` })
      },
      { named: 'whatever comes' },
    )
    const made = op({ word: run.scheduleTime })
    const { out } = made
    const { artifact: endpoint } = importer({
      uri,
      type: ENDPOINT,
      toWorkspace: true,
      metadata: [
        ['region', region],
        [out, [format`${region}!`, { deep: out }]],
      ],
    })
    const { answer } = asking({ endpoint })
    asking({ endpoint: answer, maybe: 3, note: out, table }).retry(1)
    bury({ note: 'late' }).after(made).ignoreUpstreamFailure()
    bury({ note: out }).ignoreUpstreamFailure()
    const task = sink({ word: 'kubernetes' }).env({ A: '{{b}}', C: "it's" })
    kubernetes(task, {
      emptyDirectories: [{ name: 'scratch', path: '/scratch' }],
      nodeAffinity: [
        {
          json: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }],
            },
          },
        },
        { fields: [{ key: 'metadata.name', operator: 'NotIn', values: ['old'] }] },
      ],
      tolerations: [{ operator: 'Exists' }],
      securityContext: { group: 0, nonRoot: false },
      ephemeralVolumes: [
        {
          name: 'own',
          path: '/own',
          accessModes: ['ReadWriteOnce'],
          size: '1Gi',
          storageClass: 'fast',
          annotations: { a: 'b' },
        },
      ],
      secretsAsFiles: [{ secret: out, path: '/secret' }],
      configMapsAsFiles: [{ configMap: region, path: '/config', optional: true }],
      volumes: [{ claim: out, path: '/volume' }],
    })
  },
)
