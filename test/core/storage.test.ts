import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, rename, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { writeFileAtomic, writeFolderAtomic } from '../../core/storage/atomic.ts'
import { digestBytes, digestFile, digestFolder } from '../../core/storage/digest.ts'
import { lockFolder } from '../../core/storage/lock.ts'
import { tempFolder } from '../support/temp.ts'
import { unprivileged } from '../support/unprivileged.ts'

const ABC = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

describe('writing', () => {
  test('a file appears whole, in folders that are made for it, and is replaced whole', async () => {
    await using temp = await tempFolder()
    const path = join(temp.path, 'a/b/file')
    await writeFileAtomic(path, 'old')
    await writeFileAtomic(path, new TextEncoder().encode('new'))
    expect(await readFile(path, 'utf8')).toBe('new')
    await writeFileAtomic(path, ['pie', 'ces'])
    expect(await readFile(path, 'utf8')).toBe('pieces')
    expect(await readdir(join(temp.path, 'a/b'))).toEqual(['file'])
  })

  test('a file whose content fails midway stays as it was, and nothing else is left', async () => {
    await using temp = await tempFolder()
    const path = join(temp.path, 'file')
    await writeFileAtomic(path, 'old')
    function* failing() {
      yield 'half of the new'
      throw new Error('no more')
    }
    await expect(writeFileAtomic(path, failing())).rejects.toThrow('no more')
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(temp.path)).toEqual(['file'])
  })

  test('a folder is replaced only once the new one is full', async () => {
    await using temp = await tempFolder()
    const path = join(temp.path, 'parent/folder')
    await writeFolderAtomic(path, tmp => writeFile(join(tmp, 'one'), '1'))
    const seen = await writeFolderAtomic(path, async tmp => {
      await writeFile(join(tmp, 'two'), '2')
      return readdir(path)
    })
    expect(seen).toEqual(['one'])
    expect(await readdir(path)).toEqual(['two'])

    const failure = new Error('not filled')
    const failed = writeFolderAtomic(path, async tmp => {
      await writeFile(join(tmp, 'three'), '3')
      throw failure
    })
    await expect(failed).rejects.toBe(failure)
    expect(await readdir(path)).toEqual(['two'])
    expect(await readdir(join(temp.path, 'parent'))).toEqual(['folder'])
  })

  test('a folder that another has written meanwhile stays, where it is as good', async () => {
    await using temp = await tempFolder()
    const folder = join(temp.path, 'model')
    const write = (text: string, good: boolean) =>
      writeFolderAtomic(
        folder,
        tmp => writeFile(join(tmp, 'a'), text),
        async () => good,
      )
    await write('first', true)
    await write('second', true)
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('first')
    expect(await readdir(temp.path)).toEqual(['model'])
    await write('third', false)
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('third')
  })

  test('of many writers of one folder the last wins and none leaves a trace', async () => {
    await using temp = await tempFolder()
    const path = join(temp.path, 'folder')
    const writers = Array.from({ length: 12 }, (_, i) =>
      writeFolderAtomic(path, async tmp => {
        await writeFile(join(tmp, 'a'), `${i}`)
        await writeFile(join(tmp, 'b'), `${i}`)
      }),
    )
    await Promise.all(writers)
    expect(await readdir(temp.path)).toEqual(['folder'])
    expect(await readFile(join(path, 'a'), 'utf8')).toBe(await readFile(join(path, 'b'), 'utf8'))
  })

  test('what a killed writer left is swept; what a living or foreign one is writing stays', async () => {
    await using temp = await tempFolder()
    await using writer = await child(`
      import { writeFile } from 'node:fs/promises'
      import { writeFolderAtomic } from '${moduleUrl('atomic')}'
      await writeFolderAtomic(${JSON.stringify(join(temp.path, 'folder'))}, async tmp => {
        await writeFile(tmp + '/half', '')
        console.log('ready')
        setInterval(() => {}, 1000)
        await new Promise(() => {})
      })`)
    const [left = ''] = await readdir(temp.path)
    const foreign = left.replace(/-[0-9a-f]{8}-/, '-00000000-')
    const abandoned = left.replace(/-[0-9a-f]{8}-/, '-11111111-')
    await mkdir(join(temp.path, foreign))
    await mkdir(join(temp.path, abandoned))
    await utimes(join(temp.path, abandoned), 1, 1)
    const living = left.replace(`-${writer.pid}-`, `-${process.ppid}-`)
    await mkdir(join(temp.path, living))

    await writer.kill()
    expect(await readdir(temp.path)).toContain(left)
    await writeFileAtomic(join(temp.path, 'file'), '')
    expect((await readdir(temp.path)).sort()).toEqual([foreign, living, 'file'].sort())
  })

  test('what cannot be written says where and what to do', async () => {
    await using temp = await tempFolder()
    const file = join(temp.path, 'file')
    await writeFile(file, 'kept')
    await mkdir(join(temp.path, 'folder'))
    await mkdir(join(temp.path, 'closed'))
    await chmod(join(temp.path, 'closed'), 0o500)
    await symlink('folder', join(temp.path, 'link'))
    const nothing = async () => {}
    const cases = [
      [() => writeFileAtomic(join(file, 'below'), ''), /file\/below/],
      [() => writeFileAtomic(join(temp.path, 'folder'), ''), /folder already has that name/],
      [() => writeFolderAtomic(file, nothing), /something else has that name/],
      [() => writeFolderAtomic(join(temp.path, 'link'), nothing), /something else has that name/],
      [
        () => writeFileAtomic(join(temp.path, 'closed/file'), ''),
        /closed\/file \(EACCES\)\n {2}give this user/,
      ],
      [() => writeFolderAtomic(join(temp.path, 'closed/a/b'), nothing), /closed\/a\/b \(EACCES\)/],
    ] as const
    using _ = unprivileged(temp.path)
    for (const [write, message] of cases) {
      await expect(write()).rejects.toMatchObject({
        code: 'not-writable',
        message: expect.stringMatching(message),
        fix: expect.any(String),
      })
    }
    expect(await readFile(file, 'utf8')).toBe('kept')
  })
})

describe('locking', () => {
  test('a folder has one holder, and is free again when disposed of', async () => {
    await using temp = await tempFolder()
    const folder = join(temp.path, 'made')
    const lock = await lockFolder(folder, 'run')
    await expect(lockFolder(folder, 'run')).rejects.toMatchObject({
      code: 'folder-locked',
      where: `it is held by process ${process.pid}`,
    })
    await using _other = await lockFolder(folder, 'other')
    await lock[Symbol.asyncDispose]()
    await lock[Symbol.asyncDispose]()
    await using _again = await lockFolder(folder, 'run')
  })

  test('another process keeps us out until it is killed', async () => {
    await using temp = await tempFolder()
    await using holder = await child(`
      import { lockFolder } from '${moduleUrl('lock')}'
      await lockFolder(${JSON.stringify(temp.path)}, 'run')
      console.log('ready')
      setInterval(() => {}, 1000)`)
    await expect(lockFolder(temp.path, 'run')).rejects.toMatchObject({
      code: 'folder-locked',
      where: `it is held by process ${holder.pid}`,
    })
    await holder.kill()
    await using _ = await lockFolder(temp.path, 'run')
  })

  test('a folder that cannot be written cannot be locked', async () => {
    await using temp = await tempFolder()
    await writeFile(join(temp.path, 'file'), '')
    await mkdir(join(temp.path, 'closed'))
    await chmod(join(temp.path, 'closed'), 0o500)
    using _ = unprivileged(temp.path)
    for (const folder of ['file', 'file/below', 'closed', 'closed/below']) {
      await expect(lockFolder(join(temp.path, folder), 'run')).rejects.toMatchObject({
        code: 'not-writable',
        fix: expect.any(String),
      })
    }
  })
})

describe('digests', () => {
  test('bytes, text and files have their SHA-256', async () => {
    await using temp = await tempFolder()
    await writeFile(join(temp.path, 'abc'), 'abc')
    expect(digestBytes('abc')).toBe(ABC)
    expect(digestBytes(new Uint8Array([97, 98, 99]))).toBe(ABC)
    expect(await digestFile(join(temp.path, 'abc'))).toBe(ABC)
  })

  test('a folder is its paths and bytes, and nothing else', async () => {
    await using temp = await tempFolder()
    const folder = join(temp.path, 'folder')
    await mkdir(join(folder, 'b'), { recursive: true })
    await writeFile(join(folder, 'b/x'), 'abc')
    await writeFile(join(folder, 'a'), '')
    const digest = await digestFolder(folder)
    const empty = digestBytes('')
    expect(digest).toBe(digestBytes(`a\0${empty}\nb/x\0${ABC}\n`))

    await mkdir(join(folder, 'empty'))
    await utimes(join(folder, 'a'), 1, 1)
    expect(await digestFolder(folder)).toBe(digest)
    await rename(join(folder, 'b/x'), join(folder, 'b/y'))
    expect(await digestFolder(folder)).not.toBe(digest)
    await rename(join(folder, 'b/y'), join(folder, 'b/x'))
    await writeFile(join(folder, 'b/x'), 'abd')
    expect(await digestFolder(folder)).not.toBe(digest)
  })

  test('links, missing and unreadable files are refused', async () => {
    await using temp = await tempFolder()
    await mkdir(join(temp.path, 'folder'))
    await symlink('/', join(temp.path, 'folder/link'))
    await writeFile(join(temp.path, 'closed'), '')
    await chmod(join(temp.path, 'closed'), 0)
    using _ = unprivileged(temp.path)
    await expect(digestFolder(join(temp.path, 'folder'))).rejects.toMatchObject({ code: 'not-a-file' })
    await expect(digestFolder(join(temp.path, 'none'))).rejects.toMatchObject({ code: 'file-not-found' })
    await expect(digestFile(join(temp.path, 'none'))).rejects.toMatchObject({ code: 'file-not-found' })
    await expect(digestFile(join(temp.path, 'folder'))).rejects.toMatchObject({ code: 'not-a-file' })
    await expect(digestFile(join(temp.path, 'closed'))).rejects.toMatchObject({ code: 'not-readable' })
  })
})

function moduleUrl(name: string): string {
  return new URL(`../../core/storage/${name}.ts`, import.meta.url).href
}

/** A process that runs the module's text and has printed its first line. */
async function child(source: string): Promise<AsyncDisposable & { pid: number; kill(): Promise<void> }> {
  const started = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(started, 'exit')
  await Promise.race([
    once(started.stdout, 'data'),
    exit.then(() => Promise.reject(new Error('it ended early'))),
  ])
  const kill = async () => {
    started.kill('SIGKILL')
    await exit
  }
  return { pid: started.pid!, kill, [Symbol.asyncDispose]: kill }
}
