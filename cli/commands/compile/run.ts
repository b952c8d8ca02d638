import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { asPressroomError, PressroomError, systemCode } from '../../../core/errors.ts'
import { writeFileAtomic } from '../../../core/storage/atomic.ts'
import type { Target } from '../../../pipelines/compiler/index.ts'
import type { CommandContext } from '../../command.ts'
import { compileDefinition } from '../../definition/compile.ts'
import { withoutPipeline } from '../../definition/failures.ts'
import type { Format } from '../../definition/messages.ts'
import { type Rendered, render, write } from '../../definition/render.ts'
import { colouredDifference } from '../../difference.ts'
import { findPipeline, readCompiled } from '../../load-pipeline.ts'
import { showError } from '../../output.ts'
import { type Unit, unitsOf } from './units.ts'

interface Settings {
  readonly pipeline: string
  readonly out?: string
  readonly check: boolean
  readonly watch: boolean
  readonly diagram?: 'svg' | 'mermaid'
  readonly target?: Target
  readonly timeout: number
}

/** What one round came to. */
interface Round {
  readonly files: readonly { readonly file: string; readonly state: State }[]
  readonly errors: readonly PressroomError[]
  /** What the definitions loaded: a change of one of these asks for another round. */
  readonly modules: ReadonlySet<string>
}

type State = 'written' | 'unchanged' | 'stale'

/** Compiles what was named, once or on every change; all that is wrong in a folder is told before it fails. */
export async function compilePipelines(context: CommandContext): Promise<void> {
  const settings = context.settings as unknown as Settings
  const { check, watch, diagram, out } = settings
  if (check && watch) throw new PressroomError('usage', '--check and --watch exclude each other')
  const source = await findPipeline(settings.pipeline)
  const printed = out === undefined && source.kind !== 'folder' && !check && !watch
  const format: Format = diagram ?? (printed && context.json ? 'json' : 'yaml')
  const units = () => unitsOf(settings.pipeline, { out, format, written: check || watch })
  const round = async () => compileAll(await units(), settings, format, context)
  if (watch) return watchRounds(round, source.kind === 'folder' ? [source.path] : [], context)
  const { files, errors } = await round()
  if (context.json && files.length > 0) context.print(JSON.stringify({ files }))
  if (errors.length > 1) for (const error of errors.slice(0, -1)) showError(error, shown(context))
  const last = errors.at(-1)
  if (last !== undefined) throw last
  const stale = files.filter(({ state }) => state === 'stale').length
  if (stale > 0) {
    throw new PressroomError('stale-file', `${stale} of ${files.length} files are stale`, {
      fix: 'compile again without --check, and commit what changes',
    })
  }
}

async function compileAll(
  units: readonly Unit[],
  settings: Settings,
  format: Format,
  context: CommandContext,
): Promise<Round> {
  const files: { file: string; state: State }[] = []
  const errors: PressroomError[] = []
  const modules = new Set<string>()
  for (const unit of units) {
    if (unit.source.kind !== 'shipped') modules.add(unit.source.path)
    try {
      const rendered = await renderUnit(unit, settings, format, context, modules)
      if (rendered === 'no pipeline') continue
      for (const warning of rendered.warnings) context.log.warn(`${unit.name}: ${warning}`)
      if (unit.out === undefined) context.print(rendered.text.trimEnd())
      else
        files.push({ file: unit.out, state: await settle(unit.out, rendered.text, settings.check, context) })
    } catch (error) {
      context.signal.throwIfAborted()
      errors.push(asPressroomError(error))
    }
  }
  if (units.length === 0 || (files.length === 0 && errors.length === 0 && units[0]!.optional)) {
    errors.push(
      new PressroomError('invalid-pipeline', `there is no pipeline in ${settings.pipeline}`, {
        where: 'no module in it exports one by default',
        fix: 'write: export default pipeline({ name: … }, inputs => { … })',
      }),
    )
  }
  return { files, errors, modules }
}

async function renderUnit(
  { name, source, optional }: Unit,
  { target, timeout, watch }: Settings,
  format: Format,
  { signal }: CommandContext,
  modules: Set<string>,
): Promise<Rendered | 'no pipeline'> {
  const job = { format, ...(target !== undefined && { target }) }
  if (source.kind === 'shipped') return render(await source.load(), job)
  if (source.kind === 'compiled') {
    if (format === 'yaml' || format === 'json') {
      throw new PressroomError('usage', `${name} is compiled already`, {
        fix: 'draw it with --diagram, type it with pressroom types, or run it with pressroom run',
      })
    }
    return { text: await write(await readCompiled(source.path, name), format), warnings: [] }
  }
  const onModules = (loaded: readonly string[]) => {
    for (const module of loaded) modules.add(module)
  }
  const result = await compileDefinition(
    { file: source.path, ...job },
    { timeoutSeconds: timeout, signal, ...(watch && { onModules }) },
  )
  if (result === 'no pipeline' && !optional) throw withoutPipeline(source.path)
  return result
}

/** Writes a file, or says how it differs from what would be written. */
async function settle(file: string, text: string, check: boolean, context: CommandContext): Promise<State> {
  const existing = await readFile(file, 'utf8').catch(error => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw new PressroomError('not-readable', `${file} cannot be read`, { cause: error })
  })
  const say = (line: string) => {
    if (!context.json) context.print(line)
  }
  if (!check) {
    if (existing === text) {
      say(`unchanged ${file}`)
      return 'unchanged'
    }
    await writeFileAtomic(file, text)
    say(`wrote ${file}`)
    return 'written'
  }
  const { difference } = await import('../../../core/report/difference.ts')
  const changes = difference(body(existing ?? ''), body(text))
  if (changes === '') return 'unchanged'
  say(
    existing === undefined
      ? `${file} is missing`
      : `--- ${file}\n+++ compiled now\n${colouredDifference(changes)}`,
  )
  return 'stale'
}

/** Without the comment at its head: a line that says what made it may stand there. */
function body(text: string): string {
  return text.replace(/^(?:#.*\n)+/, '')
}

async function watchRounds(
  round: () => Promise<Round>,
  folders: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { watchModules } = await import('./watch.ts')
  let modules: ReadonlySet<string> = new Set()
  let made: ReadonlySet<string> = new Set()
  for (;;) {
    const since = Date.now()
    let gone = false
    try {
      const { files, errors, modules: loaded } = await round()
      modules = loaded
      made = new Set(files.map(({ file }) => resolve(file)))
      for (const error of errors) showError(error, shown(context))
      if (context.json) context.print(JSON.stringify({ files }))
    } catch (error) {
      // The file is gone, for the moment perhaps: some editors save so.
      context.signal.throwIfAborted()
      gone = true
      showError(asPressroomError(error), shown(context))
    }
    context.log.info(`watching ${modules.size} ${modules.size === 1 ? 'module' : 'modules'}; Ctrl-C ends`)
    await watchModules(modules, folders, made, since, gone, context.signal)
  }
}

function shown({ json }: CommandContext) {
  return { command: 'compile', debug: false, json }
}
