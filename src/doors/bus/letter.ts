// A message from outside, as a door sees it, and what becomes of it.

import type { Context } from '../../commands/context.ts'
import { hearWords, type MayTell } from '../../commands/hear-words.ts'
import type { Word } from '../../domain/outside-word.ts'

/** Longest body that is read. */
export const LETTER_BYTES_MAX = 65_536

export type Letter = {
  readonly body: Uint8Array
  /** Of the whole; there may be less in `body`. */
  readonly bytes: number
}

export type Verdict = { readonly kind: 'done' } | { readonly kind: 'dead'; readonly reason: string }

/** What it says, or why nobody can read it. */
export type Read = (letter: Letter) => Word | string

export type LetterLog = {
  /** Late or said before, which does no harm. */
  readonly dropped: (word: Word, why: string) => void
  readonly dead: (reason: string) => void
}

/** Takes many at once; each gets its own verdict, and what one says wrong harms no other. */
export async function takeLetters(
  ctx: Context,
  letters: readonly Letter[],
  read: Read,
  mayTell: MayTell,
  log: LetterLog,
): Promise<readonly Verdict[]> {
  const said = letters.map(read)
  const words = said.filter((one) => typeof one !== 'string')
  const heard = (await hearWords(ctx, words, mayTell)).values()
  return said.map((one): Verdict => {
    if (typeof one === 'string') return dead(one, log)
    const { value } = heard.next()
    if (value === undefined || value.kind === 'taken') return DONE
    if (value.kind === 'refused') return dead(value.why, log)
    log.dropped(one, value.why)
    return DONE
  })
}

const DONE: Verdict = { kind: 'done' }

function dead(reason: string, log: LetterLog): Verdict {
  log.dead(reason)
  return { kind: 'dead', reason }
}

/** The members of the object in the body, or why there is none. */
export function readObject({ body, bytes }: Letter): Readonly<Record<string, unknown>> | string {
  if (bytes > LETTER_BYTES_MAX) return `it has ${bytes} bytes, at most ${LETTER_BYTES_MAX} are read`
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
    return 'it is no object of JSON'
  } catch {
    return 'it is no JSON in UTF-8'
  }
}

const RUN_ID = /^run_[0-9A-Za-z]{1,40}$/

export function isRunId(text: unknown): text is string {
  return typeof text === 'string' && RUN_ID.test(text)
}
