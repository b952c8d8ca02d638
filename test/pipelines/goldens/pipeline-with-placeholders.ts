import { pipeline, run, text } from '../../../pipelines/index.ts'
import { python } from './components.ts'

const print = python('print_all_placeholders', {
  inputs: {
    job_name: text(''),
    job_resource_name: text(''),
    job_id: text(''),
    task_name: text(''),
    task_id: text(''),
  },
})

export default pipeline({ name: 'pipeline-with-placeholders' }, () => {
  print({
    job_name: run.jobName,
    job_resource_name: run.jobResourceName,
    job_id: run.jobId,
    task_name: run.taskName,
    task_id: run.taskId,
  }).cache(false)
})
