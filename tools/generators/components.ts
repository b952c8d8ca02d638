import { STAGES } from '../../components/stages.ts'
import { compileStage, toYaml } from '../../pipelines/compiler/index.ts'
import { banner, type Generator } from './types.ts'

/** components/<stage>/component.yaml: what Kubeflow's SDKs load. */
export const components: Generator = {
  name: 'components',
  owns: ['components/*/component.yaml'],
  generate: async () => {
    return new Map(
      STAGES.map(stage => {
        const source = `components/${stage.name}/stage.ts`
        return [`components/${stage.name}/component.yaml`, toYaml(compileStage(stage), banner(source))]
      }),
    )
  },
}
