/*
 * One of several processes that register at once: waits for the word, registers every folder in its own order, points the
 * alias at each, and sends what it got.
 */
import { openRegistry } from '../../core/registry/index.ts'
import { digestFolder } from '../../core/storage/digest.ts'

const [location = '', ...folders] = process.argv.slice(2)

process.once('message', async () => {
  await using registry = await openRegistry(location)
  const got: Record<string, { version: string; reused: boolean }> = {}
  for (const folder of folders) {
    const digest = await digestFolder(folder)
    const { version, reused } = await registry.registerVersion({ name: 'news', folder, digest })
    await registry.setAlias('news', 'newest', version.version)
    got[folder] = { version: version.version, reused }
  }
  process.send?.(got)
  process.disconnect()
})
process.send?.('ready')
