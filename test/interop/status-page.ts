/** The deployer's status page in a real Chromium: behind its password, axe, both colour schemes, a narrow screen, no script, hostile names. */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { PressroomError } from '../../core/errors.ts'
import { openRegistry } from '../../core/registry/index.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { parseDeployerSettings, startDeployerService } from '../../webhook/index.ts'
import { answeringTarget } from '../support/answering-target.ts'
import { sealHeadlines } from '../support/models.ts'
import { tempFolder } from '../support/temp.ts'
import { available, CHROMIUM, FLAGS, visit } from './browser.ts'

export { available }
export const name = 'status-page'

const TOKEN = 'a-token-of-operators'
const HOSTILE = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">${'x'.repeat(80)}`

export async function checks(t: {
  check(name: string, body: () => Promise<void>): Promise<void>
}): Promise<void> {
  await using folder = await tempFolder()
  await using deployer = await deployerWithHistory(folder.path)
  const url = `${deployer.url}/status`
  const known: BrowserContextOptions = { httpCredentials: { username: 'operator', password: TOKEN } }
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  try {
    await t.check('nobody without the token sees it', () =>
      visit(browser, deployer.url, page => refused(page, url)),
    )
    for (const colorScheme of ['light', 'dark'] as const) {
      await t.check(`axe finds nothing, ${colorScheme}`, () =>
        visit(browser, url, accessible, { ...known, colorScheme }),
      )
    }
    await t.check('360 pixels need no sideways scrolling', () =>
      visit(browser, url, narrow, { ...known, viewport: { width: 360, height: 740 } }),
    )
    await t.check('it tells what is wanted, there, to do and wrong, and no name does anything', () =>
      visit(browser, url, tells, known),
    )
    await keepScreenshots(browser, url, known)
  } finally {
    await browser.close()
  }
}

/** A deployer that serves one model, could not load another's version, and knows a third with a name that bites. */
async function deployerWithHistory(folder: string) {
  await using made = new AsyncDisposableStack()
  const registry = made.use(await openRegistry(join(folder, 'registry')))
  const model = join(folder, 'model')
  await sealHeadlines(model)
  const digest = await digestFolder(model)
  for (const each of ['news', 'sport']) {
    await registry.registerVersion({ name: each, folder: model, digest })
    await registry.setAlias(each, 'champion', '1')
  }
  // Our own registry takes no such name; others may.
  const searchModels = registry.searchModels.bind(registry)
  registry.searchModels = async () => {
    const models = await searchModels()
    return [...models, { ...models[0]!, name: HOSTILE }]
  }
  const memory = answeringTarget()
  const target: typeof memory = {
    ...memory,
    async observe() {
      const { models } = await memory.observe()
      return { models: { ...models, [HOSTILE]: { versions: ['1'], traffic: { 1: 100 } } } }
    },
    async apply(step, context) {
      if (step.model !== 'sport') return memory.apply(step, context)
      throw new PressroomError('deployment-failed', 'the quota CustomModelServingCPUsPerProject is used up', {
        where: '<script>document.title = "owned"</script>',
        fix: 'ask for more in the console',
      })
    },
  }
  const settings = parseDeployerSettings({
    MLFLOW_WEBHOOK_SECRET: 'a secret for tests',
    PRESSROOM_OPERATOR_TOKEN: TOKEN,
    PRESSROOM_THROTTLED: 'true',
    PORT: '0',
    PRESSROOM_HOST: '127.0.0.1',
  })
  const service = made.use(
    await startDeployerService({ settings, open: async () => ({ registry, target }), log: () => {} }),
  )
  const authorization = `Bearer ${TOKEN}`
  await fetch(`${service.url}/reconcile`, { method: 'POST', headers: { authorization } })
  await fetch(`${service.url}/webhook`, { method: 'POST' })
  const kept = made.move()
  return { url: service.url, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function refused(page: Page, url: string): Promise<void> {
  const response = await page.request.get(url)
  assert.equal(response.status(), 401)
}

async function accessible(page: Page): Promise<void> {
  await openAll(page)
  const { violations } = await new AxeBuilder({ page }).analyze()
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`),
    [],
  )
}

async function narrow(page: Page): Promise<void> {
  await openAll(page)
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
}

async function tells(page: Page): Promise<void> {
  const said: string[] = []
  page.on('console', message => said.push(message.text()))
  await page.reload()
  const news = page.locator('section', { has: page.getByRole('heading', { name: 'news', exact: true }) })
  const sport = page.locator('section', { has: page.getByRole('heading', { name: 'sport', exact: true }) })
  assert.match(
    await news.innerText(),
    /Wanted\s+1 serves\s+There\s+1 takes 100 %\s+Golden examples\s+1 gave the right answers at [\d: -]+\s+To do\s+nothing/,
  )
  assert.match(
    await sport.innerText(),
    /There\s+nothing\s+To do\s+sport 1 is to be loaded[\s\S]*Last error[\s\S]*quota/,
  )
  assert.match(await page.title(), /^Deployer/)
  assert.equal(await page.locator('script, img').count(), 0)
  assert.deepEqual(said, [])
}

async function openAll(page: Page): Promise<void> {
  for (const summary of await page.locator('summary').all()) await summary.click()
}

async function keepScreenshots(browser: Browser, url: string, known: BrowserContextOptions): Promise<void> {
  const folder = process.env.PRESSROOM_SHOTS
  if (folder === undefined) return
  await mkdir(folder, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      const shot = async (page: Page) => {
        await openAll(page)
        await page.screenshot({ path: join(folder, `status-${colorScheme}-${width}.png`), fullPage: true })
      }
      await visit(browser, url, shot, { ...known, colorScheme, viewport: { width, height: 900 } })
    }
  }
}
