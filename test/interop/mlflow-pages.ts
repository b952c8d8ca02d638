/** MLflow's own pages in a real Chromium: what they show of a version that a pipeline of ours registered. */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { openRegistry } from '../../core/registry/index.ts'
import { start } from '../support/pressroom.ts'
import { available, CHROMIUM, FLAGS, visit } from './browser.ts'
import type { Checks } from './suite.ts'

const NAME = 'paper'
const ROWS = fileURLToPath(new URL('../../examples/newsroom/news.csv', import.meta.url))
/** The pages are large, and this machine has other work. */
const PATIENCE_MS = 30_000

/**
 * Registers by `pressroom run news`, then opens the pages. `PRESSROOM_SHOTS=folder` keeps screenshots.
 * @param url of the server
 * @param scratch a folder to run in
 */
export async function checkPages(t: Checks, url: string, scratch: string): Promise<void> {
  const reason = await available()
  if (reason !== undefined) return t.skip("MLflow's pages", reason)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  try {
    const places = await placesOf(url, scratch)
    await t.check("a version's page shows its aliases, its run and its signature", () =>
      see(browser, places.version, 'version', versionPage),
    )
    await t.check("a run's page shows metrics, params, the training rows, and the version", () =>
      see(browser, places.run, 'run', runPage),
    )
    await t.check("a run's metrics are drawn", () =>
      see(browser, `${places.run}/model-metrics`, 'metrics', metricsPage),
    )
    await t.check('the loss of the fit is drawn over its steps', () =>
      see(browser, `${places.run}/model-metrics`, 'loss', lossPage),
    )
    await t.check('the page that evaluate wrote is shown among the artifacts of the run', () =>
      see(browser, `${places.run}/artifacts/evaluation/page.html`, 'evaluation', evaluationPage),
    )
    for (const chart of ['confusion', 'roc', 'precision-recall', 'reliability', 'training-loss']) {
      await t.check(`so is its chart ${chart}`, () =>
        see(browser, `${places.run}/artifacts/evaluation/${chart}.svg`, chart, page =>
          chartPage(page, chart),
        ),
      )
    }
    await t.check('a logged model has the metrics, and the input example among its artifacts', () =>
      see(browser, places.model, 'model', modelPage),
    )
  } finally {
    await browser.close()
  }
}

/** Where the pages of the version, its run and its logged model are. */
async function placesOf(url: string, scratch: string) {
  const words = ['run', 'news', '--set', `name=${NAME}`, '--set', `source=${ROWS}`]
  await using command = start(scratch, words, { MLFLOW_TRACKING_URI: url })
  const { status, stdout, stderr } = await command.ended
  assert.equal(status, 0, `${stdout}${stderr}`)
  await using registry = await openRegistry(url)
  const { source, runId } = (await registry.getVersion(NAME, '1'))!
  const found = await fetch(`${url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=${NAME}`)
  const { experiment } = (await found.json()) as { experiment: { experiment_id: string } }
  const within = `${url}/#/experiments/${experiment.experiment_id}`
  return {
    version: `${url}/#/models/${NAME}/versions/1`,
    run: `${within}/runs/${runId}`,
    model: `${within}/models/${source.replace('models:/', '')}`,
  }
}

function see(
  browser: Browser,
  url: string,
  shot: string,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  return visit(browser, url, async page => {
    page.setDefaultTimeout(PATIENCE_MS)
    try {
      await look(page)
    } finally {
      const folder = process.env.PRESSROOM_SHOTS
      if (folder !== undefined) {
        await mkdir(folder, { recursive: true })
        await page.screenshot({ path: join(folder, `mlflow-${shot}.png`) })
      }
    }
  })
}

async function shows(page: Page, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await page.getByText(text, { exact: true }).first().waitFor()
}

async function versionPage(page: Page): Promise<void> {
  await shows(page, 'Version 1', 'pressroom.digest')
  for (const alias of ['challenger', 'champion']) await page.getByText(`@ ${alias}`).first().waitFor()
  for (const part of ['Inputs (2)', 'Outputs (2)']) await page.getByText(part).click()
  for (const type of [
    'Tensor (dtype: int64, shape: [-1,-1])',
    'Tensor (dtype: float32, shape: [-1,-1])',
    'Tensor (dtype: float32, shape: [-1,4])',
  ]) {
    await page.getByText(type).first().waitFor()
  }
}

async function runPage(page: Page): Promise<void> {
  await shows(page, 'Finished', 'pressroom', 'training', 'accuracy', 'classes.Sci_Tech.f1', 'learner', 'v1')
}

async function metricsPage(page: Page): Promise<void> {
  await shows(page, 'accuracy', 'accuracyInterval.low')
  await page.locator('.js-plotly-plot').first().waitFor()
  // One section: a slash in a name would make another.
  assert.equal(await page.getByText('classes.Sci', { exact: true }).count(), 0)
}

async function lossPage(page: Page): Promise<void> {
  await page.getByPlaceholder('Search metric charts').fill('train.loss')
  // Of a metric with one step there is a bar.
  await page.locator('.js-plotly-plot .scatterlayer path.js-line').first().waitFor()
  assert.equal(await page.locator('.js-plotly-plot').count(), 1)
}

async function evaluationPage(page: Page): Promise<void> {
  const shown = page.frameLocator('iframe')
  await shown.getByRole('heading', { name: 'Evaluation' }).waitFor()
  assert.ok((await shown.locator('svg[role=img]').count()) >= 4)
}

async function chartPage(page: Page, chart: string): Promise<void> {
  const name = `evaluation/${chart}.svg`
  await page.getByRole('img', { name }).waitFor()
  const width = await page.evaluate(
    `[...document.images].find(({ alt }) => alt === ${JSON.stringify(name)}).naturalWidth`,
  )
  assert.ok(Number(width) > 100, `the picture is ${width} pixels wide`)
}

async function modelPage(page: Page): Promise<void> {
  await shows(page, 'Ready', 'accuracy', 'pressroom', 'v1')
  await page.getByText('Artifacts', { exact: true }).click()
  await page.getByText('input_example.json', { exact: true }).click()
  await page.getByText('"ids"').waitFor()
  await page.getByText('README.md', { exact: true }).click()
  await page.getByRole('heading', { name: 'Text classifier' }).waitFor()
}
