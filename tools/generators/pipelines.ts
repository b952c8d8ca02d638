import { compile, toYaml } from '../../pipelines/compiler/index.ts'
import news from '../../pipelines/news.ts'
import predict from '../../pipelines/predict.ts'
import search from '../../pipelines/search.ts'
import { banner, type Generator } from './types.ts'

/** The shipped pipelines, compiled beside their sources. */
export const pipelines: Generator = {
  name: 'pipelines',
  owns: ['pipelines/*.yaml'],
  generate: async () =>
    new Map(
      Object.entries({ news, predict, search }).map(([name, pipeline]) => [
        `pipelines/${name}.yaml`,
        toYaml(compile(pipeline), banner(`pipelines/${name}.ts`)),
      ]),
    ),
}
