import { container, pipeline } from '../../../pipelines/index.ts'
import { python } from './components.ts'

const printEnv = container({ name: 'print-env' }, () => ({
  image: 'alpine',
  command: ['sh', '-c', 'set -e -x\necho "$ENV1"\necho "$ENV2"\necho "$ENV3"\n'],
  env: { ENV1: 'val0', ENV2: 'val0' },
}))
const printEnvOp = python('print_env_op')

export default pipeline({ name: 'pipeline-with-env' }, () => {
  printEnvOp().env({ ENV1: 'val1' })
  printEnv().env({ ENV2: 'val2', ENV3: 'val3' })
})
