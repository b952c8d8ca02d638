import { integer, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'

export const deployer: Command = {
  name: 'deployer',
  description:
    "Receives a registry's events and keeps a target as the registry wants it, until it is stopped.",
  inputs: {
    file: text({
      optional: true,
      env: 'PRESSROOM_DEPLOYMENT',
      help: 'A deployment file; without one every champion is deployed.',
      examples: ['deployment.yaml'],
    }),
    registry: text({
      optional: true,
      help: 'Where the registry is; else MLFLOW_TRACKING_URI, else .pressroom/registry.',
    }),
    port: integer({
      optional: true,
      min: 0,
      max: 65_535,
      help: 'Port for events; 8080 when PORT names none.',
    }),
    operatorPort: integer({
      optional: true,
      min: 0,
      max: 65_535,
      help: 'Port of /status, /metrics and /reconcile, which asks nobody who they are.',
    }),
    servicePort: integer({
      default: 0,
      min: 0,
      max: 65_535,
      help: 'On this machine: port of the service that models are deployed to; 0 takes any.',
    }),
  },
  positions: ['file'],
  notes:
    'Needs MLFLOW_WEBHOOK_SECRET, the same that the webhook was made with. docs/webhook.md lists all variables;\nthose of a container: MLFLOW_TRACKING_URI, PROJECT_ID, LOCATION, CONTAINER_IMAGE_URI.',
  run: async () => (await import('./run.ts')).runDeployer,
}
