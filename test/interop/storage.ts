/** Buckets that others serve: versitygw and moto for S3, fake-gcs-server for Google Cloud Storage. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { train } from '../../components/index.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { openBucket } from '../../core/storage/objects.ts'
import { openStore } from '../../core/storage/store.ts'
import { compile, toYaml } from '../../pipelines/compiler/index.ts'
import { importer, pipeline } from '../../pipelines/index.ts'
import { start } from '../support/pressroom.ts'
import { BUCKET_CONTRACT, FOLDERS_CONTRACT } from '../support/storage-contract.ts'
import { tempFolder } from '../support/temp.ts'
import { BUCKET, PEERS, type PeerServer, startPeer } from './storage-servers.ts'
import type { Checks } from './suite.ts'

const NEWS = resolve(import.meta.dirname, '../../examples/newsroom/news.csv')

export async function available(): Promise<undefined> {}

export async function checks(t: Checks): Promise<void> {
  for (const peer of PEERS) {
    const found = await peer.find()
    if ('reason' in found) {
      t.skip(peer.name, found.reason)
      continue
    }
    await using folder = await tempFolder()
    const kept = join(folder.path, 'kept')
    await mkdir(kept)
    await using server = await startPeer(peer, found.command, kept)
    const before = Object.keys(server.env).map(name => [name, process.env[name]] as const)
    Object.assign(process.env, server.env)
    const check: Check = (title, body) => t.check(`${peer.name}: ${title}`, body)
    await checkContracts(server, check)
    await checkCommands(server, folder.path, check)
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

type Check = (title: string, body: () => Promise<void>) => Promise<void>

async function checkContracts({ scheme }: PeerServer, check: Check): Promise<void> {
  for (const [title, holds] of Object.entries(BUCKET_CONTRACT)) {
    await check(title, async () => holds(await openBucket({ scheme, bucket: BUCKET, key: '' })))
  }
  for (const [title, holds] of Object.entries(FOLDERS_CONTRACT)) {
    await check(title, async () => holds(await openStore(`${scheme}://${BUCKET}/folders`)))
  }
  await check('a file of several parts goes up and comes down', async () => {
    await using folder = await tempFolder()
    const [there, back] = [join(folder.path, 'there'), join(folder.path, 'back')]
    const bytes = randomBytes(20 * 2 ** 20)
    await writeFile(there, bytes)
    const store = await openBucket({ scheme, bucket: BUCKET, key: '' })
    await store.write('large', there)
    await store.read('large', back)
    assert.ok(bytes.equals(await readFile(back)))
  })
}

/** As a user has it: rows from a bucket, data sets imported from it, results shared through it. */
async function checkCommands({ scheme, env }: PeerServer, folder: string, check: Check): Promise<void> {
  const root = `${scheme}://${BUCKET}`
  const go = async (...words: string[]) => {
    await using command = start(folder, words, env)
    const { status, stdout, stderr } = await command.ended
    assert.equal(status, 0, `${words.join(' ')}\n${stdout}${stderr}`)
    return stdout
  }
  await check('ingest takes rows from it, the same as from a file', async () => {
    const store = await openBucket({ scheme, bucket: BUCKET, key: '' })
    await store.write('data/news.csv', NEWS)
    await go('ingest', `${root}/data/news.csv`, '--out', 'far')
    await go('ingest', NEWS, '--out', 'near')
    assert.equal(await digestFolder(join(folder, 'far')), await digestFolder(join(folder, 'near')))
    for (const split of ['train', 'validation'])
      await store.write(`sets/${split}`, join(folder, 'near', split))
  })
  await check('a run imports from it, and its results go to another machine through it', async () => {
    const fit = pipeline({ name: 'fit', description: 'Fits what is in a bucket.', inputs: {} }, () => {
      const [train_, validation] = ['train', 'validation'].map(split => {
        return importer({ uri: `${root}/sets/${split}`, type: 'dataset' })
      })
      train({ train: train_!.artifact, validation: validation!.artifact })
    })
    await writeFile(join(folder, 'fit.yaml'), toYaml({ spec: compile(fit) }))
    assert.match(await go('run', 'fit.yaml', '--home', 'here', '--lock'), /train .*features.* {2}[0-9]/)
    assert.match(await go('run', 'fit.yaml', '--home', 'here', '--locked'), /train .*reused/)
    assert.match(await go('cache', 'push', `${root}/shared`, '--home', 'here'), /^1 copied, 0 there/)
    assert.match(await go('cache', 'push', `${root}/shared`, '--home', 'here'), /^0 copied, 1 there/)
    assert.match(await go('cache', 'pull', `${root}/shared`, '--home', 'there'), /^1 copied, 0 there/)
    assert.match(await go('run', 'fit.yaml', '--home', 'there', '--locked'), /train .*reused/)
  })
}
