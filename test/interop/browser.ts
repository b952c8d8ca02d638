/**
 * The page in a real Chromium: keyboard, screen reader rules (axe), both colour schemes, a narrow screen, no outside request.
 * `PRESSROOM_SHOTS=folder` keeps screenshots.
 */
import assert from 'node:assert/strict'
import { access, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { parse } from 'csv-parse/sync'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { type RunningService, serve } from '../../serving/index.ts'
import { sealHeadlines } from '../support/models.ts'
import { tempFolder } from '../support/temp.ts'

export const name = 'browser'

export const CHROMIUM = process.env.PRESSROOM_CHROMIUM ?? '/usr/bin/chromium'
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const HEADLINE = 'Central bank holds rates as inflation cools faster than expected'
const SCHEMES = ['light', 'dark'] as const
const WIDTHS = [360, 1280] as const

/** Why the checks cannot run here, or undefined when they can. */
export async function available(): Promise<string | undefined> {
  try {
    await access(CHROMIUM)
    return undefined
  } catch {
    return `there is no ${CHROMIUM}; install Debian's chromium, or name yours in PRESSROOM_CHROMIUM`
  }
}

export async function checks(t: {
  check(name: string, body: () => Promise<void>): Promise<void>
}): Promise<void> {
  await using folder = await tempFolder()
  await sealNews(join(folder.path, 'news'))
  await using service = await serve({
    models: [{ name: 'news', version: '3', folder: join(folder.path, 'news') }],
    host: '127.0.0.1',
    port: 0,
  })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  try {
    await t.check('a prediction by keyboard alone', () => byKeyboard(browser, service))
    await t.check('an example is one press away', () => byExample(browser, service))
    for (const colorScheme of SCHEMES) {
      await t.check(`axe finds nothing, ${colorScheme}`, () => accessible(browser, service, colorScheme))
    }
    await t.check('360 pixels need no sideways scrolling', () => narrow(browser, service))
    await t.check('no request leaves the page, and nothing is logged', () => alone(browser, service))
    await t.check('without motion for those who ask for none', () => still(browser, service))
    await t.check('empty, refused and unanswered texts say so', () => faults(browser, service))
    await t.check('a page open before the first model finds it', () => early(browser, folder.path))
    await keepScreenshots(browser, service)
  } finally {
    await browser.close()
  }
}

async function sealNews(folder: string): Promise<void> {
  const csv = await readFile(new URL('../../examples/newsroom/news.csv', import.meta.url))
  await sealHeadlines(folder, parse(csv, { columns: true }) as { text: string; label: string }[], 4)
}

export async function visit<T>(
  browser: Browser,
  url: string,
  work: (page: Page) => Promise<T>,
  options: BrowserContextOptions = {},
): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  try {
    const page = await context.newPage()
    await page.goto(url)
    return await work(page)
  } finally {
    await context.close()
  }
}

async function classify(page: Page, headline = HEADLINE): Promise<void> {
  await page.getByLabel('Headline').fill(headline)
  await page.getByRole('button', { name: 'Classify' }).click()
  await page.locator('#proof').waitFor()
}

function byKeyboard(browser: Browser, { url }: RunningService): Promise<void> {
  return visit(browser, url, async page => {
    await page.getByText('news, version 3').waitFor()
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate('document.activeElement.id'), 'text')
    await page.keyboard.type(HEADLINE)
    await page.keyboard.press('Enter')
    await page.locator('#proof').waitFor()
    assert.equal(await page.locator('#prediction').textContent(), 'Business')
    assert.match(
      (await page.getByRole('status').textContent()) ?? '',
      /^Business, \d+\.\d%\. Weighed most: .*Version 3 answered\.$/,
    )
    assert.equal(await page.locator('#classes li').count(), 4)
    assert.ok((await page.locator('#proof mark').count()) > 1, 'words are marked in the headline')
    await page.keyboard.press('Tab')
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
    assert.equal(outline, 'solid', 'the focus is seen')
  })
}

function byExample(browser: Browser, { url }: RunningService): Promise<void> {
  return visit(browser, url, async page => {
    const example = page.locator('#example-list button').first()
    await example.focus()
    await page.keyboard.press('Enter')
    await page.locator('#proof').waitFor()
    assert.equal(await page.getByLabel('Headline').inputValue(), await example.textContent())
  })
}

function accessible(browser: Browser, { url }: RunningService, colorScheme: 'light' | 'dark'): Promise<void> {
  const scan = async (page: Page, state: string) => {
    const { violations } = await new AxeBuilder({ page }).analyze()
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`)
    assert.deepEqual(found, [], state)
  }
  return visit(
    browser,
    url,
    async page => {
      await page.getByText('news, version 3').waitFor()
      await scan(page, 'empty')
      await classify(page)
      await scan(page, 'answered')
      await page.getByLabel('Headline').fill(' ')
      await page.getByRole('button', { name: 'Classify' }).click()
      await scan(page, 'refused')
    },
    { colorScheme, reducedMotion: 'reduce' },
  )
}

function narrow(browser: Browser, { url }: RunningService): Promise<void> {
  return visit(
    browser,
    url,
    async page => {
      await classify(page, `${HEADLINE} ${'Donaudampfschifffahrtsgesellschaft'.repeat(4)}`)
      const width = await page.evaluate('document.documentElement.scrollWidth')
      assert.equal(width, 360)
    },
    { viewport: { width: 360, height: 740 } },
  )
}

async function alone(browser: Browser, { url }: RunningService): Promise<void> {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    const addresses: string[] = []
    const said: string[] = []
    page.on('request', request => addresses.push(request.url()))
    page.on('console', message => said.push(message.text()))
    page.on('pageerror', error => said.push(error.message))
    await page.goto(url)
    await classify(page)
    assert.deepEqual(
      addresses.filter(address => new URL(address).origin !== url),
      [],
    )
    assert.ok(addresses.length >= 5, `the page, its style, script, model and answer: ${addresses.join(' ')}`)
    assert.deepEqual(said, [], 'a broken policy or script would be logged')
  } finally {
    await context.close()
  }
}

function still(browser: Browser, { url }: RunningService): Promise<void> {
  return visit(
    browser,
    url,
    async page => {
      await classify(page)
      const duration = await page.evaluate(
        "getComputedStyle(document.querySelector('.bar'), '::before').transitionDuration",
      )
      assert.equal(duration, '0s')
    },
    { reducedMotion: 'reduce' },
  )
}

function faults(browser: Browser, { url }: RunningService): Promise<void> {
  return visit(browser, url, async page => {
    const alert = page.getByRole('alert')
    await page.getByRole('button', { name: 'Classify' }).click()
    assert.equal(await alert.textContent(), 'Write a headline first.')
    assert.equal(await page.evaluate('document.activeElement.id'), 'text')
    // The page's own limit keeps typing short; a script may still set more, and the service refuses it.
    await page.evaluate("document.getElementById('text').value = 'word '.repeat(5000)")
    await page.getByRole('button', { name: 'Classify' }).click()
    await page.getByText('Text has 24,999 characters').waitFor()
    await page.route('**/explain', route => route.abort())
    await page.getByLabel('Headline').fill(HEADLINE)
    await page.getByRole('button', { name: 'Classify' }).click()
    await page.getByText('The service does not answer').waitFor()
    await page.unroute('**/explain')
    await page.route('**/explain', route => route.fulfill({ status: 502, body: '<h1>Bad gateway</h1>' }))
    await page.getByRole('button', { name: 'Classify' }).click()
    await page.getByText('The service answered 502, without JSON').waitFor()
    await page.unroute('**/explain')
    await classify(page)
    assert.equal(await alert.textContent(), '')
    assert.equal(await page.getByLabel('Headline').getAttribute('aria-invalid'), 'false')
  })
}

async function early(browser: Browser, folder: string): Promise<void> {
  await using service = await serve({ models: [], host: '127.0.0.1', port: 0 })
  await visit(browser, service.url, async page => {
    await page.getByText('No model answers yet').waitFor()
    await service.host.swap('news', '1', join(folder, 'news'))
    await page.getByText('news, version 1').waitFor()
    await service.host.swap('news', '2', join(folder, 'news'))
    await classify(page)
    await page.getByText('news, version 2').first().waitFor()
  })
}

async function keepScreenshots(browser: Browser, { url }: RunningService): Promise<void> {
  const folder = process.env.PRESSROOM_SHOTS
  if (folder === undefined) return
  await mkdir(folder, { recursive: true })
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const options = {
        colorScheme,
        viewport: { width, height: width < 600 ? 740 : 900 },
        reducedMotion: 'reduce',
      } as const
      const shoot = async (page: Page) => {
        await page.getByText('news, version 3').waitFor()
        await page.screenshot({ path: join(folder, `empty-${width}-${colorScheme}.png`), fullPage: true })
        // By Enter: the pointer would rest on the button and colour it.
        await page.getByLabel('Headline').fill(HEADLINE)
        await page.keyboard.press('Enter')
        await page.locator('#proof').waitFor()
        await page.screenshot({ path: join(folder, `page-${width}-${colorScheme}.png`), fullPage: true })
      }
      await visit(browser, url, shoot, options)
    }
  }
}
