import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import type { RunEvent } from '../pipelines/runners/local/index.ts'
import { seconds, styled } from './output.ts'
import { type Line, ProgressTree } from './progress-tree.ts'

const MARKS = {
  succeeded: ['green', '✓'],
  cached: ['green', '✓'],
  skipped: ['dim', '–'],
  failed: ['red', '✗'],
  cancelled: ['yellow', '✗'],
} as const

const INDENT = '  '

/** Tasks that are shown while they run; of more, how many. */
const MOST_RUNNING = 8

/**
 * Shows what happens as lines: one for each finished task, under the groups it is in, and on a terminal, below them, one for
 * each that runs.
 */
export interface Progress extends Disposable {
  onEvent(event: RunEvent): void
  /** A finished line of the same shape, for steps that are not tasks. */
  done(name: string, summary: string, took: string): void
  /** A step that is not a task began; it is shown as running until `done`. */
  begin(name: string): void
  /** Any other text, kept clear of the lines of what runs. */
  print(text: string): void
}

/**
 * Progress on a stream, standard output in general.
 * @param options `logs`: whether all that tasks print is shown, not only their warnings
 */
export function showProgress(
  stream: NodeJS.WriteStream = process.stdout,
  options: { readonly logs?: boolean } = {},
): Progress {
  const tree = new ProgressTree(() => performance.now())
  const steps = new Map<string, number>()
  let width = 10
  /** Lines at the end of what was written that say what runs. */
  let drawn = 0
  const timer = stream.isTTY ? setInterval(draw, 100) : undefined
  timer?.unref()

  function erase() {
    if (!stream.isTTY || drawn === 0) return
    moveCursor(stream, 0, -drawn)
    cursorTo(stream, 0)
    clearScreenDown(stream)
    drawn = 0
  }
  function draw() {
    erase()
    if (!stream.isTTY) return
    const now = [...steps].map(([what, began]) => {
      return { what, within: '', seconds: (performance.now() - began) / 1000 }
    })
    const all = [...tree.running(), ...now]
    // What does not fit on the screen could not be erased; nor could a line that wraps.
    const most = Math.max(1, Math.min(MOST_RUNNING, (stream.rows || 24) - 2))
    const columns = Math.max(20, (stream.columns || 80) - 1)
    const lines = all.slice(0, all.length > most ? most - 1 : most).map(each => {
      const line = cut(`  … ${each.what.padEnd(width)} ${seconds(each.seconds).padStart(6)}  `, columns)
      return `${line}${cutStart(each.within, columns - line.length)}`.trimEnd()
    })
    if (lines.length < all.length) lines.push(`  … and ${all.length - lines.length} more`)
    stream.write(lines.map(line => `${styled('dim', line, stream)}\n`).join(''))
    drawn = lines.length
  }
  function print(text: string) {
    erase()
    stream.write(`${text}\n`)
    draw()
  }
  function line(mark: string, name: string, summary: string, took: string, depth = 0) {
    const indent = INDENT.repeat(depth)
    print(`${indent}  ${mark} ${name.padEnd(width)} ${summary}  ${styled('dim', took, stream)}`)
  }
  function showLog({ task, level, line: text }: Extract<RunEvent, { type: 'task-log' }>) {
    if (options.logs) {
      // Tasks print at the same time; each line says whose it is.
      const whose = styled('dim', `${task} |`, stream)
      return print(`    ${whose} ${level === 'warn' ? styled('yellow', text, stream) : text}`)
    }
    if (level === 'warn' && !tree.isBrief(task)) print(`    ${styled('yellow', text, stream)}`)
  }
  function show(shown: Line) {
    if ('heading' in shown)
      return print(`${INDENT.repeat(shown.depth)}  ${styled('dim', shown.heading, stream)}`)
    if (shown.state === 'pending' || shown.state === 'running') return
    const [style, mark] = MARKS[shown.state]
    const took = shown.state === 'cached' ? 'reused' : shown.seconds > 0 ? seconds(shown.seconds) : ''
    line(styled(style, mark, stream), shown.name, firstLine(shown.summary), took, shown.depth)
  }

  return {
    onEvent(event) {
      if (event.type === 'run-started') {
        width = Math.max(width, ...event.tasks.map(({ name }) => name.length))
        print(`${styled('bold', event.pipeline, stream)} · ${event.place ?? 'local'} · run ${event.run}`)
      }
      if (event.type === 'task-log') showLog(event)
      for (const shown of tree.take(event)) show(shown)
    },
    begin(name) {
      steps.set(name, performance.now())
    },
    done(name, summary, took) {
      steps.delete(name)
      line(styled('green', '✓', stream), name, summary, took)
    },
    print,
    [Symbol.dispose]() {
      clearInterval(timer)
      erase()
    },
  }
}

/** The whole message of a failure comes at the end of the run; its line only says which. */
function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`
}

/** The inner groups say more than the outer ones. */
function cutStart(text: string, width: number): string {
  return text.length <= width ? text : width < 4 ? '' : `…${text.slice(1 - width)}`
}
