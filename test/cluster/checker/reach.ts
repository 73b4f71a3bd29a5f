// How far a fault reaches in time: by when must what it held up have happened, and what does it excuse?

import type { Fault, Limits } from './history.ts'

/** Others take over from a node that is hit; nobody takes over from a store, so there only its end counts. */
function reachesTo({ kind, node, from, to }: Fault, { takeoverMs, recoverMs }: Limits): number {
  if (node === null) return to + recoverMs
  // A slow road or a wrong clock takes nothing away; it hinders for as long as it lasts.
  return kind === 'slow' || kind === 'clock' ? to + takeoverMs : from + takeoverMs
}

export type Reach = {
  /** The latest moment at which an instant may ring, seen what went wrong around it. */
  deadline(dueAt: number): number
  /** Was something wrong that explains a delay of this instant? */
  isDisturbed(dueAt: number): boolean
  /** Did it fall due while others had to do what a node does that was hit? */
  isAfterHit(dueAt: number): boolean
  /** Did anything hit this node (or the store) in this time or shortly before? null: no matter which node. */
  hit(node: string | null, from: number, to: number): boolean
}

export function reachOf(faults: readonly Fault[], limits: Limits): Reach {
  const reaching = faults
    .map((fault) => ({ from: fault.from - limits.onTimeMs, to: reachesTo(fault, limits) }))
    .sort((a, b) => a.from - b.from)
  const deadline = (dueAt: number): number => {
    let latest = dueAt + limits.onTimeMs
    // One fault after the other: each begins before the harm of the one before it was made good.
    for (const { from, to } of reaching) {
      if (from <= latest && to >= dueAt) latest = Math.max(latest, to)
    }
    return latest
  }
  return {
    deadline,
    isAfterHit: (dueAt) =>
      faults.some(
        ({ node, from, to }) =>
          node !== null && dueAt >= from && dueAt <= Math.max(to, from + limits.takeoverMs),
      ),
    isDisturbed: (dueAt) => deadline(dueAt) > dueAt + limits.onTimeMs,
    hit: (node, from, to) =>
      faults.some(
        (fault) =>
          (fault.node === null || node === null || fault.node === node) &&
          fault.from <= to &&
          fault.to + limits.takeoverMs >= from,
      ),
  }
}
