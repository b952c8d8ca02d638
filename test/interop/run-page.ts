/** The page of a run in a real Chromium: axe, both colour schemes, keyboard, a narrow screen, and a run that goes on. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type RunEvent, runLocal } from '../../pipelines/runners/local/index.ts'
import { runPage } from '../../pipelines/runners/local/page/page.ts'
import { findRun } from '../../pipelines/runners/local/runs.ts'
import type { ComponentSpec } from '../../pipelines/specification.ts'
import { constant, input, leaf, specOf, task } from '../support/specs.ts'
import { tempFolder } from '../support/temp.ts'
import { available, CHROMIUM, FLAGS, visit } from './browser.ts'

export { available }
export const name = 'run-page'

const stageModules = [new URL('../support/stages/index.ts', import.meta.url).href]
const echo = leaf('echo', ['value'], ['value'])
const loop: ComponentSpec = {
  inputDefinitions: { parameters: { item: { parameterType: 'STRING' } } },
  dag: { tasks: { say: task('echo', { value: input('item') }) } },
}

function specFor(counter: string) {
  const items = { raw: JSON.stringify(['alpha', 'beta', 'a'.repeat(200)]) }
  const tasks = {
    first: task('echo', { value: constant('x') }),
    'for-loop-1': task('loop', {}, { parameterIterator: { itemInput: 'item', items } }),
    bad: task('stumble', { how: constant('throw'), counter: constant(counter) }),
  }
  const stumble = leaf('stumble', ['how', 'counter'], ['attempts'])
  return specOf({ dag: { tasks } }, { echo, loop, stumble })
}

export async function checks(t: {
  check(name: string, body: () => Promise<void>): Promise<void>
}): Promise<void> {
  await using folder = await tempFolder()
  const spec = specFor(join(folder.path, 'counter'))
  const events: RunEvent[] = []
  const onEvent = (event: RunEvent) => events.push(event)
  const { folder: made } = await runLocal({ spec, home: folder.path, stageModules, onEvent })
  const url = pathToFileURL(join(made, 'run.html')).href
  // As it was before the end.
  const live = join(made, 'live.html')
  await writeFile(
    live,
    runPage({ ...(await findRun(folder.path, 'last')), state: 'running', hasLog: () => true }, spec),
  )
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const address of [url, pathToFileURL(live).href]) {
        const which = address === url ? 'one that has ended' : 'one that goes on'
        await t.check(`axe finds nothing in ${which}, ${colorScheme}`, () =>
          visit(browser, address, accessible, { colorScheme }),
        )
      }
    }
    await t.check('360 pixels need no sideways scrolling', () =>
      visit(browser, url, narrow, { viewport: { width: 360, height: 740 } }),
    )
    await t.check('the graph leads to its tasks, by keyboard', () => visit(browser, url, byKeyboard))
    await t.check('a run that goes on is looked at again, until told not to', () => again(browser, live))
  } finally {
    await browser.close()
  }
}

async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`),
    [],
  )
}

async function narrow(page: Page): Promise<void> {
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
}

async function byKeyboard(page: Page): Promise<void> {
  const link = page.locator('.graph a[href="#for-loop-1/0/say"]')
  await link.focus()
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate('location.hash'), '#for-loop-1/0/say')
  assert.ok(await page.locator('[id="for-loop-1/0/say"]').isVisible())
}

async function again(browser: Browser, live: string): Promise<void> {
  await visit(browser, pathToFileURL(live).href, async page => {
    const said: string[] = []
    page.on('console', message => said.push(message.text()))
    await page.waitForEvent('load', { timeout: 10_000 })
    const box = page.getByLabel('look again every 2 seconds')
    await box.uncheck()
    await page.reload()
    assert.equal(await box.isChecked(), false)
    assert.deepEqual(said, [], 'a script that the policy stops would be told')
  })
}
