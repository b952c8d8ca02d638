import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { openRegistry } from '../../core/registry/index.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { DEFAULT_MODEL, DEFAULT_POLICY, type ReconcileEvent, reconcile } from '../../webhook/index.ts'
import { observedModel } from '../../webhook/plan/plan.ts'
import type { Target } from '../../webhook/targets/target.ts'
import { gcsServer } from './gcs-server.ts'
import { sealHeadlines } from './models.ts'
import type { MonitoringServer } from './monitoring-server.ts'
import { tempFolder } from './temp.ts'

/** A place of Google's, its Cloud Monitoring, and its containers. */
export interface GoogleBench extends AsyncDisposable {
  readonly target: Target
  readonly monitoring: MonitoringServer
  /** Says what the container of a version answers to a text. */
  answer(labelOf: (version: string, text: string) => string): void
}

const CANARY = {
  ...DEFAULT_MODEL,
  steps: [
    { share: 10, wait: 60_000 },
    { share: 100, wait: 0 },
  ],
  limits: { ...DEFAULT_MODEL.limits, errorRate: 0.05 },
}
const STAGING = 'gs://models/staging'

/** A model's life through the deployer: the first version, a canary that is good, one that is bad, one that fails its examples. */
export function testRollout(name: string, openBench: (staging: string) => Promise<GoogleBench>): void {
  test(`${name}: the deployer brings versions in by canary, and takes back what is bad`, async () => {
    await using scratch = await tempFolder()
    await using gcs = await gcsServer()
    await using bench = await openBench(STAGING)
    await using registry = await openRegistry(join(scratch.path, 'registry'))
    const before = process.env.PRESSROOM_GCS_ENDPOINT
    process.env.PRESSROOM_GCS_ENDPOINT = gcs.url
    const golden = new Map<string, string>()
    bench.answer((version, text) => (version === '4' ? 'nonsense' : golden.get(text)!))
    const policy = { ...DEFAULT_POLICY, others: CANARY }
    let now = Date.parse('2027-01-31T02:00:00Z')

    async function promote(n: number): Promise<void> {
      const folder = join(scratch.path, `model-${n}`)
      await sealHeadlines(folder, undefined, n)
      const info = JSON.parse(await readFile(join(folder, 'pressroom.json'), 'utf8'))
      for (const { text, label } of info.golden) golden.set(text, label)
      await registry.registerVersion({ name: 'news', folder, digest: await digestFolder(folder) })
      await registry.setAlias('news', 'champion', String(n))
    }
    /** A pass of a deployer, so many seconds later. */
    async function pass(seconds: number) {
      now += 1000 * seconds
      const events: ReconcileEvent[] = []
      const report = (event: ReconcileEvent) => void events.push(event)
      await reconcile({ registry, target: bench.target, policy, now: () => now, report })
      const { versions, traffic } = observedModel(await bench.target.observe(), 'news')
      return { versions, traffic, told: events.map(({ line }) => line).join('\n') }
    }

    try {
      await promote(1)
      expect(await pass(0)).toMatchObject({ versions: ['1'], traffic: { 1: 100 } })
      await promote(2)
      expect(await pass(60)).toMatchObject({ traffic: { 1: 90, 2: 10 } })
      bench.monitoring.made = { of: [], codes: { 200: 1000, 500: 3 }, p99: 8 }
      expect(await pass(30)).toMatchObject({ traffic: { 1: 90, 2: 10 } })
      expect(await pass(40)).toMatchObject({ versions: ['2'], traffic: { 2: 100 } })
      await promote(3)
      expect(await pass(60)).toMatchObject({ traffic: { 2: 90, 3: 10 } })
      bench.monitoring.made = { of: [], codes: { 200: 80, 503: 20 }, p99: 8 }
      const bad = await pass(10)
      expect(bad).toMatchObject({ traffic: { 2: 100 } })
      expect(bad.told).toContain('20 % of its requests failed')
      await promote(4)
      const wrong = await pass(60)
      expect(wrong.traffic).toEqual({ 2: 100 })
      expect(wrong.told).toContain('golden examples')
      await pass(60)
      expect(await pass(60)).toMatchObject({ versions: ['2'], traffic: { 2: 100 } })
    } finally {
      if (before === undefined) delete process.env.PRESSROOM_GCS_ENDPOINT
      else process.env.PRESSROOM_GCS_ENDPOINT = before
    }
  })
}
