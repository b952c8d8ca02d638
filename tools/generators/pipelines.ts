import { compile, toYaml } from '../../pipelines/compiler/index.ts'
import news from '../../pipelines/news.ts'
import { banner, type Generator } from './types.ts'

/** The shipped pipelines, compiled beside their sources. */
export const pipelines: Generator = {
  name: 'pipelines',
  owns: ['pipelines/*.yaml'],
  generate: async () =>
    new Map([['pipelines/news.yaml', toYaml(compile(news), banner('pipelines/news.ts'))]]),
}
