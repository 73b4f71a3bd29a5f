// What an agent is to carry out, from the options of one command line.

import type { JobDraft } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import { defined } from './defined.ts'
import type { DraftOptions } from './draft-options.ts'
import { pairsOf } from './pairs-of.ts'
import { splitWords } from './split-words.ts'

/** null: the options name neither a command nor a script. */
export async function executionTargetOf(
  options: DraftOptions,
  readText: (place: string) => Promise<string>,
): Promise<JobDraft['target'] | null> {
  const { command, shell, script, interpreter, arg } = options
  if (command === undefined && shell === undefined && script === undefined) return null
  const rest = await executionOf(options, readText)
  if (shell !== undefined) return { command: { shell, ...rest } }
  if (command !== undefined) return { command: { argv: wordsOf(command), ...rest } }
  if (interpreter === undefined) {
    throw new CliError(EXIT.usage, 'What runs the script?', {
      hint: 'Add --interpreter python3, for example.',
    })
  }
  return { script: { sha256: script ?? '', interpreter, ...defined({ args: arg }), ...rest } }
}

async function executionOf(
  options: DraftOptions,
  readText: (place: string) => Promise<string>,
): Promise<Record<string, unknown>> {
  const { env, cwd, user, stdin, killAfter, on, onLabel } = options
  const placement = {
    ...(on === undefined ? {} : placeOf(on)),
    ...(onLabel === undefined ? {} : { labels: pairsOf(onLabel, 'label', '--on-label role=db') }),
  }
  return defined({
    env: env === undefined ? undefined : pairsOf(env, 'variable', '--env STAGE=production'),
    cwd,
    user,
    stdin: stdin?.startsWith('@') ? await readText(stdin.slice(1)) : stdin,
    killAfter,
    on: Object.keys(placement).length === 0 ? undefined : placement,
  })
}

function wordsOf(line: string): string[] {
  const words = splitWords(line)
  if (words !== null) return words
  throw new CliError(EXIT.usage, 'A quote of the command is not closed.', {
    hint: 'Close it, or give the line to a shell with --shell.',
  })
}

function placeOf(text: string): object {
  if (text === 'any' || text === 'all') return { [text]: true }
  const shards = /^shard:(\d{1,6})$/.exec(text)?.[1]
  if (shards !== undefined) return { shard: Number(shards) }
  throw new CliError(EXIT.usage, `"${text}" is not a place to run.`, { hint: 'Use any, all or shard:4.' })
}
