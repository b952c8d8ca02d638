import { container, kubernetes, pipeline } from '../../../pipelines/index.ts'

const verify = container({ name: 'verify-gpu-scheduled' }, () => ({
  image: 'python:3.11',
  command: ['sh', '-c'],
  args: ['echo "GPU scheduling check: PASS"'],
}))

export default pipeline(
  {
    name: 'nvidia-gpu-scheduling-check',
    description:
      'Verifies a task requesting nvidia.com/gpu with a matching toleration can schedule and complete (no CUDA/torch assertions).',
  },
  () => {
    kubernetes(verify().cache(false).accelerator('nvidia.com/gpu'), {
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    })
  },
)
