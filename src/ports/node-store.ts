// The processes on this store, each with one lease; and what they tell each other to be quick.

import type { NodeFigures, NodeState } from '../domain/node.ts'

export type NodeStart = {
  readonly id: string
  readonly hostname: string
  readonly pid: number
  readonly version: string
  /**
   * A lock says that no other process is on this store: every node before it is gone, and what those held to tell is
   * due at once. Never in a cluster.
   */
  readonly sole?: boolean
  /** It takes no work from the start: it was draining when it lost its lease and came back as this one. */
  readonly draining?: boolean
}

/** `now` is the store's time, from which the lease runs: the difference to a node's own clock is its skew. */
export type Renewal = { readonly now: number; readonly draining: boolean }

export interface NodeStore {
  /** Registers this process; the epoch grows with each start. `now` as in Renewal. */
  register(
    node: NodeStart,
    now: number,
    leaseMs: number,
  ): Promise<{ readonly epoch: number; readonly now: number }>
  /**
   * Renews the node's one lease, for `leaseMs` from the store's `now`, and keeps what it says of itself. null: it had
   * lapsed and was taken over, or it left; stop all side effects.
   */
  renew(nodeId: string, now: number, leaseMs: number, figures?: NodeFigures): Promise<Renewal | null>
  /** A clean end: leases still held are given up at once (see RunStore.lost), and it leases nothing more. */
  leave(nodeId: string, now: number): Promise<void>
  /** Nodes that are there, then those that went last; newest first within each, at most `limit`. */
  list(limit: number): Promise<NodeState[]>
  /**
   * From its next renewal on the node knows that it is to take no new work, or that it may again. The node as it is
   * now; null: no such node. One that is gone stays as it is.
   */
  drain(nodeId: string, draining: boolean): Promise<NodeState | null>
}

/** Something may be there to do for a loop; of the runs named by `stop` the one that carries them out is to let go. */
export type Hint = {
  readonly loop: 'planner' | 'runner' | 'courier' | 'node'
  readonly stop: readonly string[]
}

/** From node to node, to be quick. A hint may be lost, doubled or late; whoever hears none looks by itself in time. */
export interface Hints {
  /** Tells the other nodes on this store. Never throws, waits for nothing. */
  tell(hint: Hint): void
  /** Calls back for hints of other nodes, until the returned function is called. */
  listen(heard: (hint: Hint) => void): () => void
}
