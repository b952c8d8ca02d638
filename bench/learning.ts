import { PressroomError } from '../core/errors.ts'
import { tempFolder } from '../test/support/temp.ts'
import type { Row } from './figures.ts'
import { scaleCases } from './learning/scale.ts'
import { findCorpus, findPeer } from './learning/setup.ts'
import { textCases } from './learning/text.ts'
import { wholeCases } from './learning/whole.ts'

/** Learning beside scikit-learn: the same rows, the same settings, one thread each, in turns. */
export async function* cases(): AsyncGenerator<Row> {
  await using folder = await tempFolder()
  const corpus = findCorpus()
  if (corpus === undefined) {
    console.error('skipped: AG News is for research only and no part of the project; it is not beside it')
  } else {
    const peer = await findPeer()
    if ('reason' in peer) throw new PressroomError('package-missing', peer.reason)
    yield* wholeCases(corpus, peer.python, folder.path)
    yield* textCases(corpus, peer.python, folder.path)
  }
  yield* scaleCases(folder.path)
}
