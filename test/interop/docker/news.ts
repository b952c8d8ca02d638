import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PRESSROOM_IMAGE } from '../../../components/image.ts'
import type { AnyPipeline } from '../../../pipelines/index.ts'
import news from '../../../pipelines/news.ts'
import search from '../../../pipelines/search.ts'
import { runScript } from '../python.ts'
import type { Checks } from '../suite.ts'
import type { DockerEngine } from './engine.ts'
import { compileTo, modelsUnder, type Result, ROOT, runHere } from './run-here.ts'
import wholeNews from './whole-news.ts'

const ROWS = 'examples/newsroom/news.csv'
/** Where they are in the image that has them: a container sees no file of this machine that is no artifact. */
const ROWS_INSIDE = '/data/news.csv'
const WITH_ROWS = 'pressroom-interop/with-rows:1'

/**
 * The news pipeline, and the search with its loop, as processes of this machine, as containers of our runner, and as containers of the Python SDK's.
 * @param python one with kfp and docker, or why there is none
 */
export async function newsPipelines(
  t: Checks,
  engine: DockerEngine,
  folder: string,
  python: { python: string } | { reason: string },
): Promise<void> {
  const context = join(folder, 'with-rows')
  await mkdir(context)
  await writeFile(join(context, 'news.csv'), await readFile(join(ROOT, ROWS)))
  await writeFile(join(context, 'Containerfile'), `FROM ${PRESSROOM_IMAGE}\nCOPY news.csv ${ROWS_INSIDE}\n`)
  await engine.docker('build', '--quiet', '-f', join(context, 'Containerfile'), '-t', WITH_ROWS, context)

  // Its registry is a folder of each container, so here no model may come so far. In kfp.local none does: to it the
  // condition on what passed is false.
  await compare('news', news, { minAccuracy: 0.99 }, 'not promoted')
  await compare('whole-news', wholeNews, {}, 'promoted')
  await compare('search', search, {})

  async function compare(
    name: string,
    pipeline: AnyPipeline,
    given: Readonly<Record<string, unknown>>,
    end?: 'promoted' | 'not promoted',
  ) {
    const inside = await compileTo(join(folder, `${name}.yaml`), pipeline, WITH_ROWS)
    let host: Result
    await t.check(`${name}: our runner gives the same with containers as without`, async () => {
      const place = (home: string) => ({ env: engine.env, home: join(folder, home) })
      const outside = await compileTo(join(folder, `${name}-host.yaml`), pipeline)
      host = await runHere(place(`${name}-host`), outside, { ...given, source: ROWS })
      assert.equal(host.models.length, 1)
      assert.ok((host.outputs.accuracy as number) > 0.7)
      assert.deepEqual(
        await runHere(place(`${name}-inside`), inside, { ...given, source: ROWS_INSIDE }),
        host,
      )
    })
    if ('reason' in python) return t.skip(`${name} in kfp.local`, python.reason)
    await t.check(`${name}: and so does the Docker runner of the Python SDK`, async () => {
      const [root, workspace] = [join(folder, `${name}-kfp`), join(folder, `${name}-workspace`)]
      await mkdir(root)
      await mkdir(workspace)
      const inputs = JSON.stringify({ source: ROWS_INSIDE })
      const args = [String(engine.env.DOCKER_HOST), inside, inputs, root, workspace]
      const printed = await runScript(python.python, 'kfp_docker.py', ...args)
      const outputs = JSON.parse(printed.trim().split('\n').at(-1) ?? '')
      assert.deepEqual({ outputs, models: await modelsUnder(root) }, host, printed.slice(-3000))
      const promoted = /'promote'\S* finished with status \S*SUCCESS/.test(printed)
      if (end !== undefined) assert.equal(promoted ? 'promoted' : 'not promoted', end)
    })
  }
}
