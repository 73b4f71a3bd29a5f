// The one way to finish: our own runner, a lost lease, and whoever reports later all end attempts here.
// A report whose fence is stale changes nothing and is answered with null.

import type { OutcomeKind } from '../domain/outcome.ts'
import { resolvePolicy } from '../domain/policy.ts'
import type { Run } from '../domain/run.ts'
import { settle } from '../domain/settle.ts'
import type { SettledAttempt } from '../ports/store.ts'
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
    const spared = mustKnowSpared(completion) ? await sparedBefore(ctx, completion) : NONE
    batch.push(settled(ctx, completion, spared, now))
  }
  const { runs, released, stale } = await ctx.store.runs.settle(batch, now)
  if (stale > 0) ctx.onStale?.(stale)
  ctx.events.publish(runs.filter((run) => run !== null).map((run) => runEvent(run, now)))
  if (released > 0 || runs.some((run) => run?.status === 'pending')) ctx.nudge.runner()
  ctx.nudge.courier()
  for (const { work } of completions) ctx.logNews.tell(work.run.id)
  return runs
}

type Spared = { readonly lost: number; readonly refused: number }

const NONE: Spared = { lost: 0, refused: 0 }

/** Only a further attempt that failed has to know: a job is not to pay with its retries for nodes that died. */
function mustKnowSpared({ work, outcome }: Completion): boolean {
  return work.attempt.number > 1 && outcome.kind !== 'ok'
}

async function sparedBefore({ store }: Context, { work }: Completion): Promise<Spared> {
  const attempts = await store.runs.attempts(work.run.id)
  const count = (kind: OutcomeKind): number => attempts.filter(({ outcome }) => outcome === kind).length
  return { lost: count('lost'), refused: count('refused') }
}

function settled(
  ctx: Context,
  { work, outcome, endedAt }: Completion,
  spared: Spared,
  now: number,
): SettledAttempt {
  const settlement = settle(
    {
      policy: resolvePolicy(work.spec.policy),
      attempts: work.attempt.number,
      ...spared,
      cancelling: work.run.status === 'cancelling',
      outcome,
      random: ctx.chance.random(),
    },
    now,
  )
  return { run: work.run, outcome, settlement, endedAt }
}
