import { CommanderError, Option, Command as Program } from 'commander'
import type { AnyParameter } from '../components/definition/index.ts'
import { PressroomError } from '../core/errors.ts'
import { VERSION } from '../core/version.ts'
import {
  type Command,
  type CommandContext,
  flagOf,
  parameterOf,
  placeholderOf,
  variableOf,
} from './command.ts'
import { OWN_COMMANDS } from './commands/own.ts'
import { stageCommand } from './commands/stage.ts'
import { readConfig } from './config-file.ts'
import { stderrLog } from './output.ts'
import { checkSettings, resolveSettings, type Sources, showSettings } from './settings.ts'

/** Options that every command has. */
interface GlobalOptions {
  readonly config?: string
  readonly printConfig?: true
  readonly json?: true
}

/**
 * Parses the command line and runs the command it names.
 * @returns the exit status: 0 unless the command wants another one
 * @throws PressroomError `usage` for an unknown command or flag, with the nearest; whatever the command throws
 */
export async function runProgram(argv: readonly string[], signal: AbortSignal): Promise<number> {
  let status = 0
  const exitWith = (wanted: number) => {
    status = wanted
  }
  const program = new Program('pressroom')
    .description('Text classification from raw rows to a governed, served and watched model.')
    .version(VERSION)
    // Ours names the default; commander would add a "preset", a word that means something else in train.
    .configureHelp({ optionDescription: ({ description }) => description })
    // promote has a --version of its own; the global one counts only before the command.
    .enablePositionalOptions()
    .addHelpText('after', '\nFirst: pressroom up     Guides: docs/README.md')
  for (const command of await commandsFor(argv)) addCommand(program, command, { signal, exitWith })
  quieten(program)
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version come as "errors" too; they have been printed.
    if (error.exitCode !== 0) throw usageError(error, program, argv[0])
  }
  return status
}

/** The one command that is named, when that can be told before the options are parsed; else all. */
async function commandsFor(argv: readonly string[]): Promise<readonly Command[]> {
  const [name = ''] = argv
  if (Object.hasOwn(OWN_COMMANDS, name)) return [await OWN_COMMANDS[name]!()]
  const config = /(?:^|\0)--config[=\0]([^\0]+)/.exec(argv.join('\0'))?.[1]
  try {
    return await commandsWith([name], config)
  } catch (error) {
    // Help is there for who wants to know what is wrong, too.
    if (name !== '' && !name.startsWith('-')) throw error
    stderrLog.warn((error as Error).message)
    return commandsWith([])
  }
}

/** All commands that ship; and those of a team's own stages, unless all that was named ships. */
async function commandsWith(names: readonly string[], config?: string): Promise<readonly Command[]> {
  const { COMMANDS } = await import('./commands/index.ts')
  const shipped = new Set(COMMANDS.map(({ name }) => name))
  if (names.every(name => shipped.has(name))) return COMMANDS
  const { loadOwnStages, registeredPaths } = await import('./own-stages.ts')
  const own = await loadOwnStages(await registeredPaths(process.env, config), shipped)
  return [...COMMANDS, ...own.map(({ stage }) => stageCommand(stage))]
}

/** What a command shares with the process that it runs in. */
type Process = Pick<CommandContext, 'signal' | 'exitWith'>

function addCommand(program: Program, command: Command, process: Process): void {
  const sub = program.command(command.name).description(command.description)
  for (const key of command.positions ?? []) sub.argument(isList(command, key) ? `[${key}...]` : `[${key}]`)
  for (const [key, input] of Object.entries(command.inputs)) {
    if (input.role === 'secret') continue
    const parameter = parameterOf(input)
    const placeholder = input.role === 'artifact' ? 'path' : placeholderOf(parameter)
    // A switch may stand alone or take its value: --once, --once false.
    const value = parameter.kind === 'boolean' ? `[${placeholder}]` : `<${placeholder}>`
    const option = new Option(`${flagOf(key)} ${value}`, helpOf(parameter))
    if (parameter.kind === 'boolean') option.preset('true')
    if (parameter.kind === 'list') option.argParser(append)
    sub.addOption(option)
  }
  sub
    .option('--config <file>', 'settings file (pressroom.yaml when there is one)')
    .option('--print-config', 'print each setting and where it came from, and stop')
    .option('--json', 'machine-readable output')
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', notesOf(command))
    .action(async () => {
      await runCommand(command, sub.opts<GlobalOptions & Sources['flags']>(), sub.args, process)
    })
}

function append(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text]
}

async function runCommand(
  command: Command,
  options: GlobalOptions & Sources['flags'],
  args: readonly string[],
  { signal, exitWith }: Process,
): Promise<void> {
  const config = await readConfig(options.config, names => commandsWith(names, options.config))
  const settings = resolveSettings(command, {
    ...given(command, options, args),
    env: process.env,
    config,
  })
  const json = options.json === true
  const print = (text: string) => void process.stdout.write(`${text}\n`)
  if (options.printConfig) {
    print(json ? JSON.stringify(settings) : showSettings(settings))
    return
  }
  checkSettings(command, settings)
  const values = Object.entries(settings).flatMap(([key, { value }]) => {
    return value === undefined ? [] : [[key, value] as const]
  })
  const context: CommandContext = {
    settings: Object.fromEntries(values),
    log: stderrLog,
    signal,
    json,
    print,
    exitWith,
    env: process.env,
  }
  const run = await command.run()
  await run(context)
}

/** Texts by input, from flags and from words by position, which are the same but for their name. */
function given(
  command: Command,
  options: object,
  args: readonly string[],
): Pick<Sources, 'flags' | 'positional'> {
  const { inputs, positions = [] } = command
  const flags = Object.fromEntries(Object.entries(options).filter(([key]) => Object.hasOwn(inputs, key)))
  const positional = Object.fromEntries(
    positions.slice(0, args.length).map((key, i) => [key, isList(command, key) ? args.slice(i) : args[i]!]),
  )
  const twice = Object.keys(positional).find(key => Object.hasOwn(flags, key))
  if (twice !== undefined) {
    throw new PressroomError('usage', `${flagOf(twice)} is given twice`, {
      where: `${positional[twice]} by position, ${flags[twice]} by flag`,
    })
  }
  return { flags: { ...flags, ...positional }, positional: Object.keys(positional) }
}

/** A list by position, which is the last one, takes all words that are left. */
function isList({ inputs }: Command, key: string): boolean {
  const input = inputs[key]
  return input !== undefined && input.role !== 'secret' && parameterOf(input).kind === 'list'
}

function helpOf({ presence, help, default: standard, env }: AnyParameter): string {
  const needed = presence === 'required' ? ' Required.' : ''
  const otherwise = standard === undefined ? '' : ` Default ${JSON.stringify(standard)}.`
  const variable = env === undefined ? '' : ` Also ${env}.`
  return `${help}${needed}${otherwise}${variable}`
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

/** Commander prints its errors and exits; here they become ours, and help goes where output goes. */
function quieten(program: Program): void {
  for (const each of [program, ...program.commands]) {
    each
      .exitOverride()
      .configureOutput({ outputError: () => {} })
      .showSuggestionAfterError()
  }
}

function usageError(error: CommanderError, { commands }: Program, name: string | undefined): PressroomError {
  const [what = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  const fix = rest
    .join(' ')
    .trim()
    .replace(/^\((.*)\)$/, '$1')
    .replace(/^Did/, 'did')
  const command = commands.some(command => command.name() === name) ? `${name} ` : ''
  return new PressroomError('usage', what, { fix: fix || `see pressroom ${command}--help` })
}
