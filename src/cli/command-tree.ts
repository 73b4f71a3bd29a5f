// How commands are declared: groups that load when they are called, leaves with the options of every command.

import type { Command } from 'commander'
import { addGlobalOptions, readGlobalOptions } from './global-options.ts'
import { Session } from './session.ts'
import type { Terminal } from './terminal.ts'

/** What one run of the command line knows while the tree is walked. */
export type Walk = {
  readonly terminal: Terminal
  /** The session of the command that was called; null before. */
  session: Session | null
  /** The words that lead to the command whose help fits best: "carillon job". */
  place: string
  /** All commands with all their options, for what must know the whole tree. */
  readonly tree: () => Promise<Command>
}

/** Fills a command with its arguments, options and action; the first thing it does is nothing else. */
export type Fill = (command: Command, walk: Walk) => void

export type TopCommand = {
  readonly name: string
  readonly description: string
  readonly hidden?: true
  /** Imported only when it is called, or when the whole tree is wanted. */
  readonly load: () => Promise<Fill>
}

/** A command below a group. */
export function leaf(group: Command, usage: string, description: string): Command {
  return finish(group.command(usage).description(description))
}

/** `except`: options of every command that mean something else here. */
export function finish(command: Command, except: readonly string[] = []): Command {
  return addGlobalOptions(command, true, except)
}

/** Wraps what a command does: arguments as commander hands them over, with the session in front. */
export function doing<A extends unknown[]>(
  walk: Walk,
  act: (session: Session, ...args: A) => Promise<void> | void,
  except: readonly string[] = [],
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const command = args.at(-1) as Command
    walk.session = new Session(walk.terminal, readGlobalOptions(command, except))
    await act(walk.session, ...(args.slice(0, -1) as A))
  }
}

/** The same for an action that is imported when it is called. */
export function later<A extends unknown[]>(
  walk: Walk,
  load: () => Promise<(session: Session, ...args: A) => Promise<void>>,
  except: readonly string[] = [],
): (...args: unknown[]) => Promise<void> {
  return doing(walk, async (session, ...args: A) => (await load())(session, ...args), except)
}
