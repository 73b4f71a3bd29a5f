// The nodes on this store: who is there, and asking one to take no more work.

import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import type { NodeState } from '../domain/node.ts'
import { audited } from './audited.ts'
import { authorize, notFound } from './authorize.ts'
import type { Context } from './context.ts'

/** Those that are there, and as many of those that went last as fit. */
const NODES_SHOWN_MAX = 100

/** `now`: by the clock that leases are judged by. */
export async function listNodes(
  ctx: Context,
  who: Principal,
): Promise<{ readonly nodes: readonly NodeState[]; readonly now: number }> {
  authorize(who, 'node.read')
  return { nodes: await ctx.store.nodes.list(NODES_SHOWN_MAX), now: ctx.clock.now() }
}

/** A draining node finishes what it has. It learns of it by a hint, or with its next renewal. */
export async function drainNode(
  ctx: Context,
  who: Principal,
  id: string,
  draining: boolean,
): Promise<{ readonly node: NodeState; readonly now: number }> {
  authorize(who, 'node.drain')
  const node = await audited(ctx, who, 'node.drain', { subject: id, detail: { draining } }, () =>
    ctx.store.nodes.drain(id, draining),
  )
  if (node === null) throw notFound('node', id)
  if (node.gone !== null) {
    throw new AppError('in_use', `The node ${id} is gone (${node.gone.end}); there is nothing to drain.`)
  }
  ctx.nudge.node()
  return { node, now: ctx.clock.now() }
}
