import { kubernetes, list, pipeline, struct, text } from '../../../pipelines/index.ts'
import { python } from './components.ts'

const log = python('log_message', { inputs: { message: text('') } })
const optional = { help: '', optional: true } as const

export default pipeline(
  {
    name: 'missing-kubernetes-optional-inputs-pipeline',
    inputs: {
      optional_affinity: struct(optional),
      optional_config_map_name: text(optional),
      optional_image_pull_secret_name: text(optional),
      optional_secret_name: text(optional),
      optional_selector: struct(optional),
      optional_tolerations: list(optional),
    },
  },
  inputs => {
    const configMap = inputs.optional_config_map_name
    const secret = inputs.optional_secret_name
    kubernetes(log({ message: 'baseline task' }).cache(false), {
      configMapsAsEnv: [{ configMap, keys: { setting: 'SETTING' }, optional: true }],
      configMapsAsFiles: [{ configMap, path: '/mnt/config', optional: true }],
      imagePullSecrets: [inputs.optional_image_pull_secret_name],
      nodeAffinity: [inputs.optional_affinity],
      nodeSelector: inputs.optional_selector,
      secretsAsEnv: [{ secret, keys: { password: 'PASSWORD' }, optional: true }],
      secretsAsFiles: [{ secret, path: '/mnt/secret', optional: true }],
      tolerations: [inputs.optional_tolerations],
    })
  },
)
