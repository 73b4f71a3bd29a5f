// The lanes of the logs that are being written in this process, and the chunks that came before the one they follow.

import { LOG_LIMITS, type LogId, type LogMark, logPrefix } from '../../domain/log/run-log.ts'
import type { BlobStore } from '../../ports/blob-store.ts'
import type { Context } from '../context.ts'
import { LogLane } from './log-lane.ts'

type Fenced = LogId & { readonly fence: number }

/** Another node may take the one that is waited for. */
const LOOK_AGAIN_MS = 200

/** By store of blobs, as the seals that are under way. */
const all = new WeakMap<BlobStore, LogLanes>()

export function lanesOf(ctx: Context): LogLanes {
  const known = all.get(ctx.blobs)
  if (known !== undefined) return known
  const lanes = new LogLanes()
  all.set(ctx.blobs, lanes)
  return lanes
}

class LogLanes {
  readonly #lanes = new Map<string, LogLane>()
  readonly #waiting = new Map<string, Set<() => void>>()

  find(log: Fenced): LogLane | undefined {
    return this.#lanes.get(nameOf(log))
  }

  /** The lane of a log that stands at `at`, unless it has one by now. It is kept while something is under way in it. */
  open(ctx: Context, log: Fenced, at: LogMark): LogLane {
    const name = nameOf(log)
    const known = this.#lanes.get(name)
    if (known !== undefined) return known
    const { runId, attempt, part, fence } = log
    const lane = new LogLane(ctx, { runId, attempt, part, fence }, at, () => {
      if (!lane.isEmpty) this.#lanes.set(name, lane)
      else if (this.#lanes.get(name) === lane) this.#lanes.delete(name)
      for (const look of this.#waiting.get(name) ?? []) look()
    })
    return lane
  }

  /** Resolves when it should be looked anew; false: the time is up, or too many wait already. */
  async held(ctx: Context, log: Fenced, until: number): Promise<boolean> {
    const left = until - ctx.clock.monotonic()
    const name = nameOf(log)
    const others = this.#waiting.get(name) ?? new Set()
    if (left <= 0 || others.size >= LOG_LIMITS.aheadMax) return false
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.set(name, others.add(resolve))
    const cancel = ctx.clock.after(Math.min(left, LOOK_AGAIN_MS), resolve)
    await promise
    cancel()
    others.delete(resolve)
    if (others.size === 0 && this.#waiting.get(name) === others) this.#waiting.delete(name)
    return true
  }
}

function nameOf(log: Fenced): string {
  return `${logPrefix(log)} ${log.fence}`
}
