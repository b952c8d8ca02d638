import { choice, integer, list, text } from '../../../components/definition/index.ts'
import { registryInputs } from '../../../components/registry-inputs.ts'
import type { Command } from '../../command.ts'

export const serve: Command = {
  name: 'serve',
  description: 'Serves model folders over HTTP, as the container does, until it is stopped.',
  inputs: {
    models: list({
      optional: true,
      help: 'Model folders: folder, name=folder or name@version=folder; or registered models as MLflow names them, models:/NAME@champion for example.',
      examples: [['news@3=model'], ['models:/news@champion']],
    }),
    registry: registryInputs.registry,
    port: integer({
      optional: true,
      min: 0,
      max: 65_535,
      help: 'Port; 8080 when nothing names one, 0 for any free one.',
    }),
    runtime: choice(['pressroom', 'onnxruntime'], {
      optional: true,
      help: 'What computes forests, networks and kernel machines; pressroom when nothing names one.',
    }),
    host: text({ optional: true, help: 'Address to listen on; 127.0.0.1 when nothing names one.' }),
  },
  positions: ['models'],
  notes:
    'In a container the platform names port, routes and folder: PORT, AIP_HTTP_PORT, AIP_HEALTH_ROUTE,\nAIP_PREDICT_ROUTE, AIP_STORAGE_URI; also PRESSROOM_MODEL.',
  run: async () => (await import('./run.ts')).serveModels,
}
