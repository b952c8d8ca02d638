import { facesOf } from '../../cli/commands/generate/faces.ts'
import { loadOwnStages } from '../../cli/own-stages.ts'
import distinctNews from '../../examples/own-stage/pipeline.ts'
import { compile, toYaml } from '../../pipelines/compiler/index.ts'
import { banner, type Generator } from './types.ts'

const FOLDER = 'examples/own-stage'

/** What `pressroom generate` makes of the example of a team's own stage, and its pipeline, compiled. */
export const examples: Generator = {
  name: 'examples',
  owns: [`${FOLDER}/{components,actions,docs}/**`, `${FOLDER}/Containerfile`, `${FOLDER}/pipeline.yaml`],
  generate: async () => {
    const paths = [`${FOLDER}/stages`]
    const stages = await loadOwnStages(paths, new Set())
    const faces = facesOf(stages, { out: FOLDER, paths, containerfile: true })
    return new Map([
      ...[...faces].map(([path, text]) => [`${FOLDER}/${path}`, text] as const),
      [`${FOLDER}/pipeline.yaml`, toYaml(compile(distinctNews), banner('pipeline.ts'))],
    ])
  },
}
