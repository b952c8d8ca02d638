import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnyStage, ArtifactFile } from '../../components/definition/index.ts'
import { train } from '../../components/index.ts'
import { HEADLINES } from './models.ts'
import { tempFolder } from './temp.ts'

/** The seed's model, with settings that leave a handful of rows their words. */
const LOOSE = { preset: 'seed-002', minDf: 1, maxDf: 1 }

/** A folder in which stages run, each with its defaults and files of its own. */
export async function workshop() {
  const folder = await tempFolder()
  const file = (name: string): ArtifactFile => ({
    path: join(folder.path, name),
    uri: `file:///${name}`,
    metadata: {},
  })
  const dataset = async (name: string, rows: readonly object[]) => {
    await writeFile(file(name).path, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
    return file(name)
  }
  const run = async (
    stage: AnyStage,
    given: Record<string, unknown>,
    prefix = '',
    signal = new AbortController().signal,
    onLine?: (line: string) => void,
  ) => {
    const lines: string[] = []
    const say = (line: string) => {
      lines.push(line)
      onLine?.(line)
    }
    const defaults = Object.entries(stage.inputs).flatMap(([key, input]) =>
      'default' in input ? [[key, input.default]] : [],
    )
    const { default: start } = await stage.run()
    const result = await start({
      inputs: { ...Object.fromEntries(defaults), ...given },
      outputs: Object.fromEntries(Object.keys(stage.outputs).map(key => [key, file(prefix + key)])),
      log: { info: say, warn: line => say(`warning: ${line}`) },
      signal,
    })
    return { ...result, lines }
  }
  const read = (name: string) => readFile(file(name).path, 'utf8')
  return { ...folder, file, dataset, run, read, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

/** A workshop with a model in it, fitted on a dozen headlines of Business and Sports. */
export async function trainedShop() {
  const shop = await workshop()
  const rows = await shop.dataset('train', HEADLINES)
  const validation = await shop.dataset('validation', HEADLINES.slice(4, 9))
  const given = { train: rows, validation, ...LOOSE }
  return { ...shop, rows, validation, given, result: await shop.run(train, given) }
}
