import { relative } from 'node:path'
import { build } from 'esbuild'
import { STAGES } from '../../components/stages.ts'
import { banner, type Generator } from './types.ts'

/**
 * The actions' scripts. GitHub runs an action from a checkout without node_modules, so everything is bundled and
 * committed: a few lines an action, and chunks that they share, since the whole repository is always checked out.
 */
export const bundles: Generator = {
  name: 'bundles',
  owns: ['dist/**', 'actions/*/dist/**'],
  generate: async root => {
    const stages = STAGES.map(({ name }) => [`actions/${name}/dist/index`, stageEntry(name)] as const)
    const entries = new Map<string, string>([
      ...stages,
      ['dist/index', `import './actions/pipeline/main.ts'`],
      ['dist/worker', `import './pipelines/runners/local/worker.ts'`],
    ])
    const result = await build({
      absWorkingDir: root,
      entryPoints: Object.fromEntries([...entries.keys()].map(name => [name, `entry:${name}`])),
      outdir: root,
      chunkNames: 'dist/chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      minify: true,
      write: false,
      legalComments: 'linked',
      platform: 'node',
      target: 'node24',
      format: 'esm',
      // The native addon cannot be bundled; without it a model folder says that its export is unchecked.
      external: ['onnxruntime-node'],
      banner: {
        // Bundled CommonJS packages ask for require, which modules do not have.
        js: `// ${banner('actions/')}\nimport{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);`,
      },
      plugins: [
        {
          name: 'entries',
          setup(plugin) {
            plugin.onResolve({ filter: /^entry:/ }, ({ path }) => ({
              path: path.slice(6),
              namespace: 'entry',
            }))
            plugin.onLoad({ filter: /.*/, namespace: 'entry' }, ({ path }) => {
              return { contents: entries.get(path) ?? '', resolveDir: root, loader: 'ts' }
            })
          },
        },
      ],
    })
    return new Map(result.outputFiles.map(({ path, text }) => [relative(root, path), text]))
  },
}

function stageEntry(name: string): string {
  return `import { runStageAction } from './actions/runtime/stage-action.ts'
import { findStage } from './components/stages.ts'
await runStageAction(findStage(${JSON.stringify(name)})!)`
}
