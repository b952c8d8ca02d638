import { build, type Plugin } from 'esbuild'
import { STAGES } from '../../components/stages.ts'
import { ACTION_BUNDLE, licensesOf } from '../bundle.ts'
import { banner, type Generator } from './types.ts'

const SOURCE = `// ${banner('actions/')}\n`

/**
 * The actions' scripts. GitHub runs an action from a checkout without node_modules, so everything is bundled and
 * committed: one bundle, and a line for each script that starts it.
 */
export const bundles: Generator = {
  name: 'bundles',
  owns: ['dist/**'],
  generate: async root => {
    const {
      outputFiles: [bundle],
      metafile,
    } = await build({
      ...ACTION_BUNDLE,
      absWorkingDir: root,
      entryPoints: ['actions/main.ts'],
      outfile: 'dist/pressroom.js',
      write: false,
      banner: { js: SOURCE + ACTION_BUNDLE.banner.js },
      plugins: [withoutUndici],
    })
    const stages = STAGES.map(({ name }) => [name, 'runStage', JSON.stringify(name)] as const)
    const scripts = [
      ['index', 'runPipeline', ''],
      ['worker', 'startWorker', ''],
      ['search-thread', 'startSearchThread', ''],
      ...stages,
    ] as const
    return new Map([
      ['dist/pressroom.js', bundle!.text],
      ['dist/licenses.txt', await licensesOf([metafile], root)],
      ...scripts.map(([file, start, argument]) => {
        const text = `${SOURCE}import { ${start} } from './pressroom.js'\n\nawait ${start}(${argument})\n`
        return [`dist/${file}.js`, text] as const
      }),
    ])
  },
}

/**
 * Leaves out the larger half of the bundle: @actions/core reaches undici only for a proxy to fetch by, which it makes
 * for Octokit and which no action of ours asks for. Its own requests, OIDC among them, know proxies without it.
 */
const withoutUndici: Plugin = {
  name: 'without-undici',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: 'left-out' }))
    onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `export class ProxyAgent { constructor() { throw new Error('${path} is not in this bundle') } }`,
    }))
  },
}
