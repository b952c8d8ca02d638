/*
 * Stages for the local runner's tests: each does one thing that real stages do or that goes wrong with them. They talk to
 * the test through files that it names.
 */
import { writeFileSync } from 'node:fs'
import { appendFile, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  artifact,
  boolean,
  defineStage,
  integer,
  optionalArtifact,
  type StageRun,
  struct,
  text,
} from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'

function stageOf<
  I extends Parameters<typeof defineStage>[0]['inputs'],
  O extends Parameters<typeof defineStage>[0]['outputs'],
>(name: string, inputs: I, outputs: O, run: StageRun<I, O>, effects?: 'outside') {
  const description = `A stage of the tests: ${name}.`
  return defineStage({
    name,
    description,
    inputs,
    outputs,
    ...(effects && { effects }),
    run: async () => ({ default: run }),
  })
}

/** Gives back what it gets. */
export const echo = stageOf(
  'echo',
  {
    value: text('Given back.'),
    suffix: text({ optional: true, env: 'ECHO_SUFFIX', help: 'Put behind it.' }),
    source: text({ optional: true, help: 'A file; its content is put behind it.' }),
    settings: struct({ optional: true, help: 'Put behind it as JSON.' }),
    times: integer({ default: 1, help: 'How often.' }),
  },
  { value: text('The text.'), object: struct('The text in an object.'), note: artifact('any', 'The text.') },
  async ({ inputs, outputs, log }) => {
    const { value, suffix = '', source, settings, times } = inputs
    log.info(`echo ${value}`)
    const content = source === undefined ? '' : await readFile(source, 'utf8')
    const answer =
      value.repeat(times) + suffix + content + (settings === undefined ? '' : JSON.stringify(settings))
    await writeFile(outputs.note.path, answer)
    return {
      parameters: { value: answer, object: { text: answer } },
      metadata: { note: { length: answer.length } },
      summary: `${answer.length} characters`,
    }
  },
)

/** Has an effect outside: it counts its runs in a file. */
export const announce = stageOf(
  'announce',
  { counter: text('A file that gets a line.') },
  {},
  async ({ inputs }) => {
    await appendFile(inputs.counter, 'announced\n')
    return { parameters: {}, summary: 'announced' }
  },
  'outside',
)

/** Reads an artifact; on request it then writes into it, as no stage should. */
export const read = stageOf(
  'read',
  {
    note: artifact('any', 'Read.'),
    other: optionalArtifact('any', 'Only looked at.'),
    scribble: boolean({ default: false, help: 'Whether it writes into the note.' }),
  },
  { text: text('Its content.'), folder: artifact('any', 'The content in a folder.') },
  async ({ inputs, outputs }) => {
    const content = await readFile(inputs.note.path, 'utf8')
    if (inputs.scribble) await appendFile(inputs.note.path, 'scribble')
    await mkdir(join(outputs.folder.path, 'inner'), { recursive: true })
    await writeFile(join(outputs.folder.path, 'inner', 'text'), content)
    const other = inputs.other === undefined ? '' : `+${JSON.stringify(inputs.other.metadata)}`
    return { parameters: { text: content + other }, summary: content }
  },
)

/** Puts its name on the table, and waits until the others are there. */
export const meet = stageOf(
  'meet',
  { folder: text('The table.'), me: text('My name.'), others: text('Names with commas between.') },
  { pid: integer('The process.') },
  async ({ inputs, signal }) => {
    await writeFile(join(inputs.folder, inputs.me), '')
    for (const other of inputs.others.split(',')) {
      while (!(await stat(join(inputs.folder, other)).catch(() => undefined)))
        await sleep(5, undefined, { signal })
    }
    return { parameters: { pid: process.pid }, summary: 'met' }
  },
)

/** Fails in a chosen way the first times it runs. */
export const stumble = stageOf(
  'stumble',
  {
    how: text('throw, ours, kill, exit or print-and-exit.'),
    counter: text('A file that gets a line an attempt.'),
    times: integer({ default: 1_000, help: 'Attempts that fail.' }),
  },
  { attempts: integer('Attempts made.'), half: artifact('any', 'Written before it fails.') },
  async ({ inputs, outputs }) => {
    await appendFile(inputs.counter, 'attempt\n')
    const attempts = (await readFile(inputs.counter, 'utf8')).trim().split('\n').length
    await writeFile(outputs.half.path, 'half', { flag: 'wx' })
    if (attempts <= inputs.times) fail(inputs.how)
    return { parameters: { attempts }, summary: 'stood' }
  },
)

function fail(how: string): void {
  if (how === 'throw') throw new Error('stumbled')
  if (how === 'ours') {
    throw new PressroomError('no-rows', 'nothing to read', { where: 'in the file', fix: 'fill it' })
  }
  if (how === 'kill') process.kill(process.pid, 'SIGKILL')
  if (how === 'print-and-exit') console.error('last words')
  process.exit(3)
}

/** Never ends by itself. */
export const hang = stageOf(
  'hang',
  {
    started: text('A file that appears once it runs; it holds the number of the process.'),
    stubborn: boolean({
      default: false,
      help: 'Blocks the process, deaf to every signal that can be ignored.',
    }),
  },
  {},
  async ({ inputs, signal }) => {
    // A process number can outlive its process as a zombie's; a file tells for certain that this one went by itself.
    process.on('exit', () => writeFileSync(`${inputs.started}.left`, ''))
    await writeFile(`${inputs.started}.tmp`, String(process.pid))
    await rename(`${inputs.started}.tmp`, inputs.started)
    if (inputs.stubborn) for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000)
    await sleep(1e9, undefined, { signal })
    return { parameters: {}, summary: '' }
  },
)
