// What can be completed where: read from the command tree, so that no script can know less or other than --help.

import type { Command, Option } from 'commander'

export type Place = {
  /** Words that lead here, joined by blanks: "" for the program, "job list". */
  readonly path: string
  /** Commands that may follow, with what they do. */
  readonly commands: readonly Word[]
  readonly options: readonly OptionWords[]
  /** What its arguments name: "job", "run" …; null: nothing that can be looked up. */
  readonly names: NameKind | null
  /** Or the words its first argument can be. */
  readonly values: readonly string[]
}

export type Word = { readonly word: string; readonly about: string }

export type OptionWords = {
  readonly flags: readonly string[]
  readonly about: string
  /** It is followed by a value; perhaps one of these, or a name of this kind, or a file. */
  readonly takesValue: boolean
  readonly values: readonly string[]
  readonly names: NameKind | null
  readonly file: boolean
}

export const NAME_KINDS = ['job', 'run', 'project', 'key', 'callback'] as const
export type NameKind = (typeof NAME_KINDS)[number]

export function placesOf(program: Command): Place[] {
  return walk(program, '')
}

function walk(command: Command, path: string): Place[] {
  const below = command.commands.filter((one) => !one.name().startsWith('_'))
  const place: Place = {
    path,
    commands: below.map((one) => ({ word: one.name(), about: one.description() })),
    options: [...command.options.map(wordsOf), HELP],
    names: kindOf(command.registeredArguments[0]?.name()),
    values: command.registeredArguments[0]?.argChoices ?? [],
  }
  return [place, ...below.flatMap((one) => walk(one, `${path} ${one.name()}`.trim()))]
}

const HELP: OptionWords = {
  flags: ['-h', '--help'],
  about: 'show help',
  takesValue: false,
  values: [],
  names: null,
  file: false,
}

function wordsOf({ short, long, description, required, optional, argChoices, flags }: Option): OptionWords {
  const placeholder = /[<[]([\w-]+)/.exec(flags)?.[1]
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    about: description,
    takesValue: required || optional,
    values: argChoices ?? [],
    names: kindOf(long === '--project' ? 'project' : placeholder),
    file: placeholder === 'path',
  }
}

function kindOf(name: string | undefined): NameKind | null {
  return NAME_KINDS.find((kind) => kind === name) ?? null
}
