// The command line as a tree, and one walk through it.

import { Command } from 'commander'
import type { Walk } from './command-tree.ts'
import { COMMANDS } from './commands/table-of-commands.ts'
import { EXIT, exitCodeHelp } from './exit-code.ts'
import { addGlobalOptions } from './global-options.ts'
import { reportError } from './report-error.ts'
import type { Terminal } from './terminal.ts'

/** Runs one command line. Never throws, never ends the process: the caller does with the code what it likes. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const walk = newWalk(terminal)
  try {
    await buildProgram(walk).parseAsync(helpLast(args), { from: 'user' })
    return walk.session?.exitCode ?? EXIT.ok
  } catch (error) {
    return reportError(error, terminal, walk.session, walk.place)
  }
}

function buildProgram(walk: Walk): Command {
  const { stdout, stderr, env } = walk.terminal
  const program = new Command('carillon')
    .description(
      'Rings HTTP calls on time, and keeps a ledger in which every ring that was owed has an entry.',
    )
    .usage('[options] <command>')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => (stdout.isTTY && stdout.columns) || 100,
      getErrHelpWidth: () => (stderr.isTTY && stderr.columns) || 100,
      getOutHasColors: () => Boolean(stdout.isTTY && !env.NO_COLOR),
    })
    .helpCommand(false)
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', `\n${exitCodeHelp()}\n\nMore about one command: carillon <command> --help`)
  addGlobalOptions(program, true)
  for (const { name, description, hidden } of COMMANDS) {
    const command = program.command(name, { hidden: hidden === true }).description(description)
    command.enablePositionalOptions().helpCommand(false)
  }
  program.hook('preSubcommand', async (_, command) => {
    walk.place = `carillon ${command.name()}`
    await fillOne(command, walk)
  })
  return program
}

async function fillOne(command: Command, walk: Walk): Promise<void> {
  const entry = COMMANDS.find(({ name }) => name === command.name())
  if (entry === undefined || command.parent?.parent) return
  const fill = await entry.load()
  fill(command, walk)
  // A group takes the options of every command too, in front of its second word.
  if (command.commands.length > 0) addGlobalOptions(command, false)
}

function newWalk(terminal: Terminal): Walk {
  return { terminal, session: null, place: 'carillon', tree: () => wholeTree(terminal) }
}

export async function wholeTree(terminal: Terminal): Promise<Command> {
  const walk = newWalk(terminal)
  const program = buildProgram(walk)
  for (const command of program.commands) await fillOne(command, walk)
  return program
}

/** "carillon help job list" is "carillon job list --help". */
function helpLast(args: readonly string[]): string[] {
  return args[0] === 'help' ? [...args.slice(1), '--help'] : [...args]
}
