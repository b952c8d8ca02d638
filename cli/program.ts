import { CommanderError, Option, Command as Program } from 'commander'
import { parseText } from '../components/definition/check.ts'
import { PressroomError } from '../core/errors.ts'
import { VERSION } from '../core/version.ts'
import { type Command, type CommandContext, flagOf, placeholderOf, variableOf } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import { stderrLog } from './output.ts'
import { readConfig, resolveSettings, type Setting } from './settings.ts'

/** Options that every command has. */
interface GlobalOptions {
  readonly config?: string
  readonly printConfig?: true
  readonly json?: true
}

/**
 * Parses the command line and runs the command it names.
 * @throws PressroomError `usage` for an unknown command or flag, with the nearest; whatever the command throws
 */
export async function runProgram(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const program = new Program('pressroom')
    .description('Text classification from raw rows to a governed, served and watched model.')
    .version(VERSION)
    // promote has a --version of its own; the global one counts only before the command.
    .enablePositionalOptions()
    .addHelpText('after', '\nFirst: pressroom up     Guides: docs/README.md')
  for (const command of COMMANDS) addCommand(program, command, signal)
  quieten(program)
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version come as "errors" too; they have been printed.
    if (error.exitCode !== 0) throw usageError(error)
  }
}

function addCommand(program: Program, command: Command, signal: AbortSignal): void {
  const sub = program.command(command.name).description(command.description)
  for (const key of command.positions ?? []) sub.argument(`[${key}]`, command.inputs[key]?.help)
  for (const [key, input] of Object.entries(command.inputs)) {
    if (input.role === 'secret') continue
    const placeholder = input.role === 'artifact' ? 'path' : placeholderOf(input)
    const kind = input.role === 'parameter' ? input.kind : 'string'
    // A switch may stand alone or take its value: --once, --once false.
    const value = kind === 'boolean' ? `[${placeholder}]` : `<${placeholder}>`
    const option = new Option(`${flagOf(key)} ${value}`, helpOf(command, key))
    if (kind === 'boolean') option.preset('true')
    if (kind === 'list') option.argParser(appendItems)
    sub.addOption(option)
  }
  sub
    .option('--config <file>', 'settings file (pressroom.yaml when there is one)')
    .option('--print-config', 'print each setting and where it came from, and stop')
    .option('--json', 'machine-readable output')
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', notesOf(command))
    .action(async () => {
      await runCommand(command, sub.opts<GlobalOptions & Record<string, string>>(), sub.args, signal)
    })
}

/** A list's flag may be repeated: its items add up. */
function appendItems(text: string, earlier: string | undefined): string {
  const items = [earlier, text].flatMap(each => (each === undefined ? [] : parseText('list', each)))
  return JSON.stringify(items)
}

async function runCommand(
  command: Command,
  options: GlobalOptions & Readonly<Record<string, string>>,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const positional = (command.positions ?? []).slice(0, args.length).map((key, i) => [key, args[i]])
  const given = Object.entries(options).filter(([key]) => key in command.inputs)
  const config = await readConfig(options.config, COMMANDS)
  const settings = resolveSettings(
    command,
    Object.fromEntries([...positional, ...given]),
    process.env,
    config,
  )
  const json = options.json === true
  const print = (text: string) => void process.stdout.write(`${text}\n`)
  if (options.printConfig) {
    print(json ? JSON.stringify(settings) : showSettings(settings))
    return
  }
  const values = Object.entries(settings).flatMap(([key, { value }]) => {
    return value === undefined || command.inputs[key]?.role === 'secret' ? [] : [[key, value] as const]
  })
  const context: CommandContext = {
    settings: Object.fromEntries(values),
    log: stderrLog,
    signal,
    json,
    print,
    env: process.env,
  }
  const run = await command.run()
  await run(context)
}

function helpOf(command: Command, key: string): string {
  const input = command.inputs[key]
  if (input === undefined) return ''
  if (input.role !== 'parameter') return input.help
  const standard = input.default === undefined ? '' : ` Default ${JSON.stringify(input.default)}.`
  const variable = input.env === undefined ? '' : ` Also ${input.env}.`
  return `${input.help}${standard}${variable}`
}

function notesOf(command: Command): string {
  const secrets = Object.values(command.inputs).filter(input => input.role === 'secret')
  const [example = 'x'] = Object.keys(command.inputs)
  return [
    ...(command.notes === undefined ? [] : [`\n${command.notes}`]),
    ...(secrets.length === 0
      ? []
      : ['\nFrom the environment only:', ...secrets.map(({ env, help }) => `  ${env}  ${help}`)]),
    `\nEach setting comes from its flag, else ${variableOf(command.name, example)} and its like, else the settings file, else its default.`,
  ].join('\n')
}

function showSettings(settings: Readonly<Record<string, Setting>>): string {
  const rows = Object.entries(settings).map(([key, { value, origin }]) => {
    return [key, value === undefined ? '-' : JSON.stringify(value), origin] as const
  })
  const width = (column: 0 | 1) => Math.max(...rows.map(row => row[column].length))
  return rows
    .map(([key, value, origin]) => `${key.padEnd(width(0))}  ${value.padEnd(width(1))}  ${origin}`)
    .join('\n')
}

/** Commander prints its errors and exits; here they become ours, and help goes where output goes. */
function quieten(program: Program): void {
  for (const each of [program, ...program.commands]) {
    each
      .exitOverride()
      .configureOutput({ outputError: () => {} })
      .showSuggestionAfterError()
  }
}

function usageError(error: CommanderError): PressroomError {
  const [what = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  const fix = rest
    .join(' ')
    .trim()
    .replace(/^\((.*)\)$/, '$1')
    .replace(/^Did/, 'did')
  return new PressroomError('usage', what, { fix: fix || 'see pressroom --help' })
}
