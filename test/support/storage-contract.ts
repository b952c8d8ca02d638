import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestFolder } from '../../core/storage/digest.ts'
import type { ObjectStore } from '../../core/storage/objects.ts'
import type { FolderStore } from '../../core/storage/store.ts'
import { tempFolder } from './temp.ts'

/** What every bucket must do, whoever keeps it; each throws when it does not. */
export const BUCKET_CONTRACT: Readonly<Record<string, (store: ObjectStore) => Promise<void>>> = {
  'an object is what was written, also under names that are not plain': async store => {
    await using folder = await tempFolder()
    const path = join(folder.path, 'a')
    const bytes = randomBytes(70_000)
    await writeFile(path, bytes)
    for (const key of ['plain', 'deep/er/name', 'o dd/ü+%#?&=.txt', "it's (1)*!"]) {
      await store.write(key, path)
      assert.equal((await store.head(key))?.bytes, bytes.length, key)
      await store.read(key, join(folder.path, 'back'))
      assert.deepEqual(await readFile(join(folder.path, 'back')), bytes, key)
      await store.delete(key)
      assert.equal(await store.head(key), undefined, key)
      await store.delete(key)
    }
  },
  'an empty object is one too': async store => {
    await using folder = await tempFolder()
    await writeFile(join(folder.path, 'empty'), '')
    await store.write('empty', join(folder.path, 'empty'))
    await store.read('empty', join(folder.path, 'back'))
    assert.equal((await readFile(join(folder.path, 'back'))).length, 0)
    await store.delete('empty')
  },
  'its version changes with its content': async store => {
    await using folder = await tempFolder()
    const path = join(folder.path, 'a')
    const versions = new Set<string>()
    for (const content of ['one', 'two', 'six']) {
      await writeFile(path, content)
      await store.write('versioned', path)
      versions.add((await store.head('versioned'))!.version)
    }
    assert.equal(versions.size, 3)
    assert.ok(![...versions].includes(''))
    await store.delete('versioned')
  },
  'a listing has every page of a prefix, and nothing else': async store => {
    await using folder = await tempFolder()
    await writeFile(join(folder.path, 'a'), 'abc')
    const keys = Array.from({ length: 8 }, (_, i) => `list/${i}`)
    for (const key of [...keys, 'lists', 'other/1']) await store.write(key, join(folder.path, 'a'))
    const found: string[] = []
    for await (const { key, bytes } of store.list('list/')) {
      found.push(key)
      assert.equal(bytes, 3)
    }
    assert.deepEqual(found.sort(), keys)
    for (const key of [...keys, 'lists', 'other/1']) await store.delete(key)
  },
  'what is not there is said so': async store => {
    await using folder = await tempFolder()
    await assert.rejects(store.read('nowhere', join(folder.path, 'x')), {
      code: 'file-not-found',
      message: /nowhere/,
    })
    assert.equal((await readdir(folder.path)).length, 0)
  },
}

/** What every place that keeps folders must do. */
export const FOLDERS_CONTRACT: Readonly<Record<string, (store: FolderStore) => Promise<void>>> = {
  'a folder comes back as it was kept': async store => {
    await using folder = await tempFolder()
    const from = join(folder.path, 'from')
    await fill(from)
    assert.equal(await store.has('one'), false)
    await store.keep(from, 'one')
    assert.equal(await store.has('one'), true)
    assert.ok((await store.names()).includes('one'))
    await store.fetch('one', join(folder.path, 'into'))
    assert.equal(await digestFolder(join(folder.path, 'into')), await digestFolder(from))
  },
  'keeping another under its name replaces it; two at once leave one of them': async store => {
    await using folder = await tempFolder()
    const [first, second] = [join(folder.path, '1'), join(folder.path, '2')]
    await fill(first, 'first')
    await fill(second, 'second')
    await Promise.all([store.keep(first, 'two'), store.keep(second, 'two')])
    await store.fetch('two', join(folder.path, 'into'))
    const digests = await Promise.all([first, second].map(digestFolder))
    assert.ok(digests.includes(await digestFolder(join(folder.path, 'into'))))
    await store.keep(first, 'two')
    await store.fetch('two', join(folder.path, 'into'))
    assert.equal(await digestFolder(join(folder.path, 'into')), digests[0])
  },
}

async function fill(folder: string, text = 'text'): Promise<void> {
  await mkdir(join(folder, 'deep', 'er'), { recursive: true })
  await writeFile(join(folder, 'entry.json'), `{"a":"${text}"}`)
  await writeFile(join(folder, 'deep', 'ü b.bin'), randomBytes(5000))
  await writeFile(join(folder, 'deep', 'er', 'empty'), '')
}
