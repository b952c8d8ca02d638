import assert from 'node:assert/strict'
import type { Registry } from '../../core/registry/index.ts'

/** Names that MLflow takes, and that ours never are: others may have registered them. */
export const HOSTILE_NAMES: readonly string[] = [
  `it's "quoted"`,
  "' or '1' = '1",
  'a\\b',
  '%2e%2e%2fup',
  '$(touch x) `x`',
  '<img src=x onerror=alert(1)>',
  '新聞 Überblick',
  '\u202egnitset',
  '.hidden',
  '-rf',
  'constructor',
  '__proto__',
  'x'.repeat(256),
]

/** Everything that is done to models and versions, done to one that another program registered under such a name. */
export async function checkHostileName(registry: Registry, url: string, name: string): Promise<void> {
  const ask = async (path: string, body: object) => {
    const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.equal(answer.status, 200, `${path} ${name}: ${await answer.text()}`)
  }
  await ask('registered-models/create', { name })
  await ask('model-versions/create', { name, source: 's3://bucket/elsewhere' })
  const version = await registry.getVersion(name, '1')
  assert.deepEqual(
    [version?.name, version?.source, version?.digest],
    [name, 's3://bucket/elsewhere', undefined],
  )
  assert.equal(await registry.setAlias(name, 'champion', '1'), undefined)
  await registry.setVersionTag(name, '1', 'pressroom.rejected', name)
  await registry.transitionStage(name, '1', 'Production', true)
  const [found, ...others] = await registry.searchVersions(name)
  assert.deepEqual([others, found?.aliases, found?.stage], [[], ['champion'], 'Production'])
  assert.equal(found?.tags['pressroom.rejected'], name)
  assert.deepEqual((await registry.getModel(name))?.aliases, { champion: '1' })
  assert.ok((await registry.searchModels()).some(model => model.name === name))
  assert.equal(await registry.getDownloadUri(name, '1'), 's3://bucket/elsewhere')
  await registry.deleteVersionTag(name, '1', 'pressroom.rejected')
  await registry.deleteAlias(name, 'champion')
  assert.deepEqual((await registry.getModel(name))?.aliases, {})
  assert.equal(await registry.getVersion(name, '2'), undefined)
  await assert.rejects(registry.download(name, '2'), { code: 'not-registered' })
}
