/*
 * Stands in for `docker` in the local runner's tests: containers have the paths of the machine, so that a command does
 * on the machine what it would in its container. Keeps each call's arguments in FAKE_DOCKER/calls.jsonl.
 * Python components of the shared goldens, whose source was replaced by a stub, are played by golden-functions.ts.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutorInput } from '../../components/faces/executor.ts'
import { played } from './golden-functions.ts'

const home = process.env.FAKE_DOCKER ?? ''
const [command, ...args] = process.argv.slice(2)
appendFileSync(join(home, 'calls.jsonl'), `${JSON.stringify([command, ...args])}\n`)

function run(): void {
  const value = (flag: string) => args.flatMap((arg, i) => (arg === flag ? [args[i + 1] ?? ''] : []))
  for (const mount of value('--mount')) {
    const source = /source=([^,]+)/.exec(mount)?.[1] ?? ''
    if (!existsSync(source)) throw new Error(`no ${source} to mount`)
  }
  const [program = ''] = value('--entrypoint')
  const words = args.slice(args.indexOf('--entrypoint') + 3)
  writeFileSync(join(home, `${value('--name')[0]}.pid`), String(process.pid))
  if (program === 'python3') {
    python(words)
    return
  }
  const env = Object.fromEntries(value('--env').map(pair => pair.split(/=(.*)/s).slice(0, 2)))
  // Before the child starts: what it does may bring the stop at once, and it must not outlive this process.
  process.on('SIGTERM', () => child.kill('SIGKILL'))
  const child = spawn(program, words, { stdio: 'inherit', env: { PATH: process.env.PATH, ...env } })
  child.on('error', () => process.exit(127))
  child.on('close', code => process.exit(code ?? 137))
}

function stop(name: string): void {
  const pid = join(home, `${name}.pid`)
  if (existsSync(pid)) process.kill(Number(readFileSync(pid, 'utf8')), 'SIGTERM')
}

function python(words: readonly string[]): void {
  const input: ExecutorInput = JSON.parse(words[words.indexOf('--executor_input') + 1] ?? '')
  const name = words[words.indexOf('--function_to_execute') + 1] ?? ''
  const contents = Object.entries(input.inputs?.artifacts ?? {}).map(([key, { artifacts = [] }]) => {
    return [key, artifacts.map(({ uri = '' }) => readFileSync(uri, 'utf8'))] as const
  })
  const result = played(name)(input.inputs?.parameterValues ?? {}, Object.fromEntries(contents))
  console.log(`${name}: ${JSON.stringify(input.inputs?.parameterValues)}`)
  const { parameters = {}, artifacts = {}, outputFile = '' } = input.outputs ?? {}
  for (const { artifacts: [artifact] = [] } of Object.values(artifacts)) {
    writeFileSync(artifact?.uri ?? '', String(result))
  }
  const values = Object.fromEntries(Object.keys(parameters).map(key => [key, result]))
  writeFileSync(outputFile, JSON.stringify({ parameterValues: values }))
}

if (command === 'run') run()
if (command === 'stop') stop(args.at(-1) ?? '')
