import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { showProgress } from '../../cli/progress.ts'
import { ProgressTree } from '../../cli/progress-tree.ts'
import type { RunEvent } from '../../pipelines/runners/local/index.ts'

const GROUPS = { loop: 'for each of words', 'loop/inner': "if word == 'x'" }

/** A tree that has begun a run, and what it shows of further events, as indented text. */
function begun(...tasks: string[]) {
  let now = 0
  const tree = new ProgressTree(() => now)
  const lines: string[] = []
  const take = (event: RunEvent) => {
    for (const line of tree.take(event)) {
      const text =
        'heading' in line ? line.heading : `${line.state} ${line.name}: ${line.summary} ${line.seconds}`
      lines.push(`${'  '.repeat(line.depth)}${text}`)
    }
  }
  take({ type: 'run-started', run: 'r', folder: 'f', pipeline: 'p', tasks: named(tasks), groups: GROUPS })
  return {
    lines,
    running: () => tree.running().map(({ what, within, seconds }) => `${what} ${seconds} ${within}`.trim()),
    isBrief: (task: string) => tree.isBrief(task),
    wait: (ms: number) => {
      now += ms
    },
    loop: (task: string, items: string[], ...inner: string[]) => {
      const tasks = items.flatMap((_, i) => inner.map(name => `${task}/${i}/${name}`))
      take({ type: 'loop-started', task, items, tasks: named(tasks) })
    },
    retry: (task: string, ...tasks: string[]) => {
      take({ type: 'group-retried', task, delay: 2, tasks: named(tasks.map(name => `${task}/${name}`)) })
    },
    start: (task: string) => take({ type: 'task-started', task }),
    finish: (task: string, state: 'succeeded' | 'failed' | 'cancelled' = 'succeeded') => {
      take({ type: 'task-finished', task, state, summary: 'done', seconds: 1 })
    },
  }
}

function named(tasks: readonly string[]) {
  return tasks.map(task => ({ task, name: task.slice(task.lastIndexOf('/') + 1).toUpperCase() }))
}

describe('progress as a tree', () => {
  test('groups and iterations are headings over what is in them, said once', () => {
    const tree = begun('a', 'loop/inner/b')
    tree.start('a')
    tree.wait(1500)
    expect(tree.running()).toEqual(['A 1.5'])
    tree.finish('a')
    tree.loop('loop', ['x', 'y'], 'inner/b')
    tree.start('loop/1/inner/b')
    expect(tree.running()).toEqual(["B 0 for each of words › 1 y › if word == 'x'"])
    tree.finish('loop/0/inner/b')
    tree.finish('loop/1/inner/b', 'failed')
    tree.retry('loop/1/inner', 'b')
    tree.finish('loop/1/inner/b')
    expect(tree.lines).toEqual([
      'succeeded A: done 1',
      'for each of words',
      '  0 x',
      "    if word == 'x'",
      '      succeeded B: done 1',
      '  1 y',
      "    if word == 'x'",
      '      failed B: done 1',
      "    if word == 'x' failed and begins again in 2 s",
      "    if word == 'x'",
      '      succeeded B: done 1',
    ])
  })

  test('a long loop that was stopped has not succeeded', () => {
    const tree = begun('loop/a')
    tree.loop(
      'loop',
      Array.from({ length: 20 }, (_, i) => `item ${i}`),
      'a',
    )
    for (let i = 0; i < 20; i++) tree.finish(`loop/${i}/a`, i < 3 ? 'succeeded' : 'cancelled')
    expect(tree.lines).toEqual(['cancelled for each of words: 20 iterations, 17 stopped 0'])
  })

  test('a long loop is one line, with its failures before it', () => {
    const tree = begun('g/loop/a', 'g/loop/inner/b')
    const items = Array.from({ length: 1000 }, (_, i) => `item ${i}`)
    tree.loop('g/loop', items, 'a', 'inner/b')
    for (const i of items.keys()) {
      tree.start(`g/loop/${i}/a`)
      tree.finish(`g/loop/${i}/a`)
      tree.loop(`g/loop/${i}/inner`, ['p', 'q'], 'b')
      tree.finish(`g/loop/${i}/inner/0/b`, i === 7 ? 'failed' : 'succeeded')
      if (i === 500) {
        tree.wait(3000)
        expect(tree.running()).toEqual(['loop, 500 of 1000 3 g'])
        expect([tree.isBrief('g/loop/0/a'), tree.isBrief('g/a')]).toEqual([true, false])
      }
      tree.finish(`g/loop/${i}/inner/1/b`)
    }
    expect(tree.running()).toEqual([])
    expect(tree.lines).toEqual([
      'g',
      '  loop',
      '    7 item 7',
      '      inner',
      '        0 p',
      '          failed B: done 1',
      '  failed loop: 1000 iterations, 1 failed 3',
    ])
  })
})

test('on a terminal, what runs stands below what has ended, and goes when it ends', () => {
  let text = ''
  const screen = Object.assign(Object.create(process.stdout), {
    isTTY: true,
    columns: 40,
    rows: 6,
    write: (chunk: string) => {
      text += chunk
      return true
    },
  })
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  {
    using progress = showProgress(screen)
    progress.onEvent({
      type: 'run-started',
      run: 'r',
      folder: 'f',
      pipeline: 'p',
      tasks: named(names),
      groups: {},
    })
    for (const task of names) progress.onEvent({ type: 'task-started', task })
    progress.onEvent({ type: 'task-finished', task: 'a', state: 'succeeded', summary: 'done', seconds: 1 })
  }
  const plain = stripVTControlCharacters(text)
  expect(plain).toContain('✓ A          done  1.0 s\n')
  expect(plain).toContain('  … B           0.0 s\n')
  expect(plain).toContain('  … and 2 more\n')
  expect(plain).not.toContain('… A  ')
  // Four lines up, and everything below goes.
  expect(text.endsWith('\x1b[4A\x1b[1G\x1b[0J')).toBe(true)
})
