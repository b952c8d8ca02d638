import { pipeline, run, text } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const write = python('write_to_workspace', { inputs: { workspace_path: text('') }, ...returnsText })
const read = python('read_from_workspace', { inputs: { file_path: text('') }, ...returnsText })

export default pipeline(
  {
    name: 'pipeline-with-workspace',
    description: 'A pipeline that demonstrates workspace functionality',
    workspace: { size: '1Gi', claim: { accessModes: ['ReadWriteOnce'], storageClassName: 'standard' } },
  },
  () => {
    const written = write({ workspace_path: run.workspacePath })
    return { Output: read({ file_path: written.Output }).Output }
  },
)
