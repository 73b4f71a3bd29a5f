// Words from outside about attempts that were handed over, many at once: who began, who is still there, how it ended. Only
// what tells of the attempt under way counts, under its fence.

import { lookAt } from '../domain/handed-over.ts'
import type { Outcome } from '../domain/outcome.ts'
import { hear, isRepetition, type Word } from '../domain/outside-word.ts'
import type { HandedWork, Handing } from '../ports/handed-store.ts'
import type { Work } from '../ports/store.ts'
import type { Completion } from '../ports/work-source.ts'
import type { Context } from './context.ts'
import { runEvent } from './events.ts'
import { reportCompletions } from './report-completion.ts'
import { maskerFor } from './secret/mask-told.ts'

/** `taken`: it counts. `dropped`: too late or said before, which does no harm. `refused`: nobody can use it. */
export type Heard =
  | { readonly kind: 'taken' }
  | { readonly kind: 'dropped'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string }

/** May this speaker tell of this run? null: yes; else why not. */
export type MayTell = (work: Work, word: Word) => string | null

const TAKEN: Heard = { kind: 'taken' }

type Spoken = {
  work: Work
  acceptedAt: number | null
  endsBy: number | null
  beats: number[]
  end: { at: number; outcome: Outcome } | null
}

export async function hearWords(
  ctx: Context,
  words: readonly Word[],
  mayTell: MayTell,
): Promise<readonly Heard[]> {
  const spoken = await openAttempts(ctx, words)
  const heard = new Array<Heard | null>(words.length).fill(null)
  for (const [position, word] of words.entries()) {
    const one = spoken.get(word.runId)
    if (one !== undefined) heard[position] = listen(one, word, position, mayTell)
  }
  await keepBeats(ctx, [...spoken.values()], heard)
  await keepEnds(ctx, [...spoken.values()], heard)
  // Few: of runs that are over, or never were.
  for (const [position, word] of words.entries()) heard[position] ??= await late(ctx, word)
  return heard as Heard[]
}

async function openAttempts(ctx: Context, words: readonly Word[]): Promise<Map<string, Spoken>> {
  const ids = [...new Set(words.map(({ runId }) => runId))]
  const active = await ctx.store.handed.active(ids)
  const found = active.flatMap((one: HandedWork | null, n) => (one === null ? [] : [[ids[n]!, one] as const]))
  return new Map(found.map(([id, one]) => [id, { ...one, beats: [], end: null }]))
}

/** null: the attempt has ended by an earlier word of the same batch. */
function listen(spoken: Spoken, word: Word, position: number, mayTell: MayTell): Heard | null {
  if (spoken.end !== null) return null
  const { run, attempt } = spoken.work
  const forbidden = mayTell(spoken.work, word)
  if (forbidden !== null) return { kind: 'refused', why: forbidden }
  const hearing = hear(word, { status: run.status, attempt: attempt.number, fence: run.fence })
  if (hearing.kind === 'beat') spoken.beats.push(position)
  else if (hearing.kind === 'end') spoken.end = { at: position, outcome: hearing.outcome }
  else {
    const harmless = hearing.kind === 'stale' && word.says === 'heartbeat'
    return { kind: harmless ? 'dropped' : 'refused', why: hearing.why }
  }
  return TAKEN
}

async function keepBeats(ctx: Context, all: readonly Spoken[], heard: (Heard | null)[]): Promise<void> {
  const beating = all.filter(({ beats, end }) => beats.length > 0 && end === null)
  if (beating.length === 0) return
  const now = ctx.clock.now()
  const batch = beating.map(({ work, acceptedAt, endsBy }): Handing => {
    const { startedAt } = work.attempt
    const handed = { spec: work.spec, startedAt, acceptedAt: acceptedAt ?? now, endsBy }
    return { run: work.run, accepted: true, lookAt: lookAt(handed, now) }
  })
  const kept = await ctx.store.handed.hand(batch, now)
  for (const [n, { beats, work, acceptedAt }] of beating.entries()) {
    if (kept[n] !== true) for (const position of beats) heard[position] = null
    else if (acceptedAt === null) ctx.events.publish([runEvent(work.run, now)])
  }
}

async function keepEnds(ctx: Context, all: readonly Spoken[], heard: (Heard | null)[]): Promise<void> {
  const now = ctx.clock.now()
  const ending = all.filter(({ end }) => end !== null)
  const maskers = new Map<string, ReturnType<typeof maskerFor>>()
  // Opening a secret costs more than all the rest: once for all words of a job, by its id and version.
  const maskerOf = ({ run, spec }: Work): ReturnType<typeof maskerFor> => {
    const key = `${run.jobId} ${run.jobVersion}`
    const known = maskers.get(key) ?? maskerFor(ctx, run.projectId, spec)
    maskers.set(key, known)
    return known
  }
  const completions = await Promise.all(
    ending.map(async ({ work, end }): Promise<Completion> => {
      const masker = await maskerOf(work)
      const outcome = masker === null ? end!.outcome : (masker.outcome(end!.outcome) as Outcome)
      return { work, outcome, endedAt: now }
    }),
  )
  const runs = await reportCompletions(ctx, completions)
  for (const [n, { end }] of ending.entries()) if (runs[n] === null) heard[end!.at] = null
}

/** What there is to say of a word whose attempt is not under way. */
async function late(ctx: Context, word: Word): Promise<Heard> {
  const run = await ctx.store.runs.get(word.runId)
  if (run === null) return { kind: 'refused', why: `there is no run ${word.runId.slice(0, 100)}` }
  const why = `the run is ${run.status} after ${run.attempts} attempts`
  const same = word.attempt === undefined || word.attempt === run.attempts
  return { kind: same && isRepetition(word, run.status) ? 'dropped' : 'refused', why }
}
