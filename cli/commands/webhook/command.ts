import { choice, list, secret, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'

export const ACTIONS = ['create', 'list', 'test', 'delete'] as const

export const webhook: Command = {
  name: 'webhook',
  description: 'Creates, lists, tests and deletes the webhooks by which an MLflow server tells the deployer.',
  inputs: {
    action: choice(ACTIONS, { default: 'list', help: 'What to do.' }),
    id: text({ optional: true, help: 'For test and delete: the id or the name of a webhook.' }),
    server: text({
      optional: true,
      env: 'MLFLOW_TRACKING_URI',
      help: 'The MLflow server; by default the registry, where that is one.',
    }),
    name: text({ default: 'pressroom', help: 'For create: what it is called.' }),
    receiver: text({
      optional: true,
      env: 'MLFLOW_WEBHOOK_RECEIVER_URI',
      help: 'For create: the address of the receiver.',
    }),
    secret: secret({
      env: 'MLFLOW_WEBHOOK_SECRET',
      optional: true,
      help: 'For create: what deliveries are signed with.',
    }),
    events: list({
      default: [
        'model_version_alias.created',
        'model_version_alias.deleted',
        'model_version_tag.set',
        'model_version_tag.deleted',
        'model_version.created',
      ],
      help: 'For create: what is told.',
    }),
  },
  positions: ['action', 'id'],
  notes:
    'create may be repeated: a webhook of that name and receiver is brought to what is asked for.\n\n  create   list   test ID   delete ID',
  run: async () => (await import('./run.ts')).webhookCommand,
}
