// The one way to finish: our own runner, a lost lease, and whoever reports later all end attempts here.
// A report whose fence is stale changes nothing and is answered with null.

import type { OutcomeKind } from '../domain/outcome.ts'
import { type Policy, resolvePolicy } from '../domain/policy.ts'
import type { Run } from '../domain/run.ts'
import { spreadOf } from '../domain/run-part.ts'
import { type Settlement, settle } from '../domain/settle.ts'
import { retryBy } from '../domain/start-deadline.ts'
import type { SettledAttempt, Work } from '../ports/store.ts'
import type { Completion } from '../ports/work-source.ts'
import type { Context } from './context.ts'
import { runEvent } from './events.ts'

export async function reportCompletions(
  ctx: Context,
  completions: readonly Completion[],
): Promise<readonly (Run | null)[]> {
  if (completions.length === 0) return []
  const now = ctx.clock.now()
  const batch: SettledAttempt[] = []
  for (const completion of completions) {
    const tries = mustKnowTries(completion) ? await triesOf(ctx, completion) : triesAtFirst(completion)
    batch.push(settled(ctx, completion, tries, now))
  }
  const { runs, released, stale } = await ctx.store.runs.settle(batch, now)
  if (stale > 0) ctx.onStale?.(stale)
  ctx.events.publish(runs.filter((run) => run !== null).map((run) => runEvent(run, now)))
  // A run goes on being `running` while a part of it waits to be tried again.
  if (released > 0 || runs.some((run) => run?.status === 'pending') || batch.some(isPartAgain))
    ctx.nudge.runner()
  ctx.nudge.courier()
  for (const { work } of completions) ctx.logNews.tell(work.run.id)
  return runs
}

function isPartAgain({ part, settlement }: SettledAttempt): boolean {
  return part !== undefined && settlement.kind === 'retry'
}

/** `attempts`: this one included. Of a part its own ones count. */
type Tries = { readonly attempts: number; readonly lost: number; readonly refused: number }

function triesAtFirst({ work }: Completion): Tries {
  return { attempts: work.attempt.number, lost: 0, refused: 0 }
}

/** Only a further attempt that failed has to know: a job is not to pay with its retries for nodes that died. */
function mustKnowTries({ work, outcome }: Completion): boolean {
  return work.attempt.number > 1 && outcome.kind !== 'ok'
}

async function triesOf({ store }: Context, { work }: Completion): Promise<Tries> {
  const part = work.part?.index ?? null
  const ended = (await store.runs.attempts(work.run.id)).filter(
    (attempt) => attempt.part === part && attempt.endedAt !== null && attempt.number < work.attempt.number,
  )
  const count = (kind: OutcomeKind): number => ended.filter(({ outcome }) => outcome === kind).length
  return { attempts: ended.length + 1, lost: count('lost'), refused: count('refused') }
}

function settled(
  ctx: Context,
  { work, outcome, endedAt, inDoubt }: Completion,
  tries: Tries,
  now: number,
): SettledAttempt {
  const policy = resolvePolicy(work.spec.policy)
  const { attempts, lost, refused } = tries
  const settlement = settle(
    {
      policy,
      attempts,
      lost,
      refused,
      elsewhere: spreadOf(work.spec.target) !== 'all',
      cancelling: work.run.status === 'cancelling',
      outcome,
      random: ctx.chance.random(),
    },
    now,
  )
  const ended = { run: work.run, outcome, settlement: patient(settlement, work, policy), endedAt }
  if (work.part === undefined && inDoubt === undefined) return ended
  return {
    ...ended,
    ...(work.part === undefined ? {} : { part: work.part.index }),
    ...(inDoubt === undefined ? {} : { inDoubt }),
  }
}

/** Each wait for an agent has its own end. */
function patient(settlement: Settlement, { spec }: Work, policy: Policy): Settlement {
  if (settlement.kind === 'done') return settlement
  const startBy = retryBy(spec, policy, settlement.readyAt)
  return startBy === null ? settlement : { ...settlement, startBy }
}
