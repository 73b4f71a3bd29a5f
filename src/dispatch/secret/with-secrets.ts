// A dispatcher that fills secrets in right before the inner one begins, and takes them out of what it answers.

import { areHeaders } from '../../domain/check-headers.ts'
import { Masker } from '../../domain/masker.ts'
import type { Dispatched, Outcome } from '../../domain/outcome.ts'
import { fillSecrets, secretNames } from '../../domain/secret.ts'
import type { Target } from '../../domain/target.ts'
import type { Dispatcher } from '../../ports/dispatcher.ts'
import type { StopSignal } from '../../ports/stop.ts'
import type { Work } from '../../ports/work.ts'

export type Secrets = Readonly<Record<string, string>>

/** The values of these names; one that is not there is left out. May throw: then nothing is sent. */
export type Reveal = (work: Work, names: readonly string[]) => Promise<Secrets>

export function withSecrets(inner: Dispatcher, reveal: Reveal): Dispatcher {
  /** Jobs that are alike share their target. */
  const known = new WeakMap<Target, readonly string[]>()

  function namesOf({ spec: { schedule, target } }: Work): readonly string[] {
    let names = known.get(target)
    if (names !== undefined) return names
    names = secretNames(target)
    // Of a run that is alone nobody asks again, unless it is in a batch.
    if (schedule.at === undefined || target.http?.batch !== undefined) known.set(target, names)
    return names
  }

  async function filled(work: Work): Promise<Work | Dispatched> {
    const names = namesOf(work)
    if (names.length === 0) return work
    let secrets: Secrets
    try {
      secrets = await reveal(work, names)
    } catch (error) {
      return refused('secret_unreadable', `a secret cannot be opened: ${(error as Error).message}`)
    }
    const missing = names.find((name) => !Object.hasOwn(secrets, name))
    if (missing !== undefined) {
      return refused(
        'secret_missing',
        `the project has no secret "${missing}". Set it, or take it out of the job`,
      )
    }
    const target = fillSecrets(work.spec.target, secrets)
    if (!areHeaders(target.http?.headers)) {
      return refused(
        'secret_unfit',
        'a secret that stands in a header holds what a header cannot: a line break, perhaps',
      )
    }
    return { ...work, spec: { ...work.spec, target }, secrets }
  }

  async function one(work: Work, signal: StopSignal): Promise<Dispatched> {
    const ready = await filled(work)
    if ('kind' in ready) return ready
    const masker = new Masker(Object.values(ready.secrets ?? {}))
    return masker.outcome(await inner.dispatch(ready, signal))
  }

  async function many(batch: readonly Work[], signal: StopSignal): Promise<Dispatched[]> {
    const ready = await Promise.all(batch.map(filled))
    const sent = ready.filter((work): work is Work => !('kind' in work))
    const answers = sent.length === 0 ? [] : await inner.dispatchBatch(sent, signal)
    // One answer for all: it may repeat what any of them sent.
    const masker = new Masker(new Set(sent.flatMap(({ secrets = {} }) => Object.values(secrets))))
    const outcomes = new Map(sent.map((work, position) => [work, masker.outcome(answers[position]!)]))
    return ready.map((work) => ('kind' in work ? work : outcomes.get(work)!))
  }

  return {
    // What asks for no secret, which is most of all, is not held up.
    dispatch: (work, signal) =>
      namesOf(work).length === 0 ? inner.dispatch(work, signal) : one(work, signal),
    dispatchBatch: (batch, signal) =>
      batch.every((work) => namesOf(work).length === 0)
        ? inner.dispatchBatch(batch, signal)
        : many(batch, signal),
    batchKey: (work) => inner.batchKey(work),
  }
}

/** Nothing was sent. */
function refused(code: string, message: string): Outcome {
  return { kind: 'error', code, message, reached: 'no' }
}
