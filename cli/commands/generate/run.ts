import { globSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { PressroomError, systemCode } from '../../../core/errors.ts'
import { difference } from '../../../core/report/difference.ts'
import { writeFileAtomic } from '../../../core/storage/atomic.ts'
import type { CommandContext } from '../../command.ts'
import { colouredDifference } from '../../difference.ts'
import { loadOwnStages } from '../../own-stages.ts'
import { COMMANDS } from '../index.ts'
import { facesOf, isGenerated, OWNED } from './faces.ts'

interface Settings {
  readonly stages: readonly string[]
  readonly out: string
  readonly containerfile: boolean
  readonly check: boolean
}

interface Change {
  readonly file: string
  readonly before: string | undefined
  /** Undefined for what no stage makes any more. */
  readonly after: string | undefined
}

/** Brings the files of a team's stages up to date, or says how they differ. Nothing is written before all of it is made. */
export async function generateFaces(context: CommandContext): Promise<void> {
  const { check, out, ...settings } = context.settings as unknown as Settings
  const paths = settings.stages.length > 0 ? settings.stages : ['stages']
  const stages = await loadOwnStages(paths, new Set(COMMANDS.map(({ name }) => name)))
  for (const { stage } of stages.filter(({ stage }) => stage.image === undefined)) {
    context.log.warn(
      `${stage.name} names no image: Kubeflow could not start it, so it gets no component.yaml`,
    )
  }
  const files = facesOf(stages, { out, paths, containerfile: settings.containerfile })
  const changes = await changesOf(files, out)
  if (!check) await write(changes, out)
  report(changes, check, context)
  if (check && changes.length > 0) {
    throw new PressroomError('stale-file', `${changes.length} of ${files.size} files are stale`, {
      where: changes.map(({ file }) => join(out, file)).join(', '),
      fix: 'run pressroom generate, and commit what it changes',
    })
  }
}

async function changesOf(files: ReadonlyMap<string, string>, out: string): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const [file, after] of files) {
    const before = await textOf(join(out, file))
    if (before !== after) changes.push({ file, before, after })
  }
  for (const path of globSync(OWNED, { cwd: out })) {
    const file = path.replaceAll(sep, '/')
    const before = files.has(file) ? undefined : await textOf(join(out, file))
    if (before !== undefined && isGenerated(before)) changes.push({ file, before, after: undefined })
  }
  return changes
}

async function write(changes: readonly Change[], out: string): Promise<void> {
  const foreign = changes.filter(({ before }) => before !== undefined && !isGenerated(before))
  if (foreign.length > 0) {
    throw new PressroomError('not-writable', 'files are in the way that pressroom generate did not write', {
      where: foreign.map(({ file }) => join(out, file)).join(', '),
      fix: 'move or remove them, or leave out the Containerfile with --containerfile false',
    })
  }
  for (const { file, after } of changes) {
    if (after === undefined) await rm(join(out, file))
    else await writeFileAtomic(join(out, file), after)
  }
}

function report(changes: readonly Change[], check: boolean, { json, print }: CommandContext): void {
  const kindOf = ({ before, after }: Change) =>
    before === undefined ? 'missing' : after === undefined ? 'left over' : 'changed'
  if (json) {
    print(JSON.stringify({ files: changes.map(change => ({ file: change.file, kind: kindOf(change) })) }))
    return
  }
  for (const change of changes) {
    const { file, before, after } = change
    if (!check) print(`${after === undefined ? 'removed' : 'wrote'} ${file}`)
    else if (before === undefined || after === undefined) print(`${file} is ${kindOf(change)}`)
    else print(`--- ${file}\n+++ generated now\n${colouredDifference(difference(before, after))}`)
  }
  if (changes.length === 0) print('generated files are up to date')
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw new PressroomError('not-readable', `${path} cannot be read`, { cause: error })
  })
}
