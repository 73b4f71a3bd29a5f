// carillon cluster …

import { setTimeout as sleep } from 'node:timers/promises'
import type { Node } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { doing, type Fill, leaf } from '../command-tree.ts'
import { duration } from '../durations.ts'
import { EXIT } from '../exit-code.ts'
import type { Session } from '../session.ts'
import { table } from '../show/table.ts'
import { showFromNow, showInstant, showStretch } from '../show/times.ts'

/** The node itself says how much it holds every 2 s. */
const LOOK_EVERY_MS = 500

export const fillCluster: Fill = (cluster, walk) => {
  leaf(cluster, 'status', 'The servers that share one store, and how they are').action(doing(walk, status))
  leaf(cluster, 'drain [node]', 'Let a node take no more work: it finishes what it has')
    .option('--wait', 'until it holds no run any more')
    .option('--timeout <duration>', 'with --wait: give up after so long', duration)
    .action(doing(walk, drain))
  leaf(cluster, 'undrain [node]', 'Let a node take work again').action(doing(walk, undrain))
}

async function status(session: Session): Promise<void> {
  const { items } = await session.client.nodes.list()
  const now = Date.now()
  await session.print({ items }, () =>
    table(
      items,
      [
        { title: 'NODE', value: ({ id, self }) => (self ? `${id} *` : id) },
        { title: 'HOST', value: ({ hostname, pid }) => `${hostname}:${pid}` },
        { title: 'STATUS', value: (node) => node.status, style: 'status' },
        { title: 'EPOCH', value: ({ epoch }) => String(epoch) },
        { title: 'SINCE', value: ({ startedAt }) => showInstant(startedAt) },
        { title: 'LEASE', value: (node) => leaseWord(node, now) },
        { title: 'HOLDS', value: ({ held }) => String(held ?? '-') },
        { title: 'LATE p50/p99', value: latenessWord },
        { title: 'SKEW', value: ({ skewMs }) => (skewMs === null ? '-' : `${Math.round(skewMs)}ms`) },
        { title: 'VERSION', value: ({ version }) => version },
      ],
      session.look,
    ),
  )
}

function leaseWord({ endedAt, leaseUntil }: Node, now: number): string {
  if (endedAt !== null) return `ended ${showFromNow(endedAt, now)}`
  return leaseUntil === null ? 'by lock' : showFromNow(leaseUntil, now)
}

function latenessWord({ latenessP50Ms, latenessP99Ms }: Node): string {
  if (latenessP50Ms === null || latenessP99Ms === null) return '-'
  return `${showStretch(latenessP50Ms)} / ${showStretch(latenessP99Ms)}`
}

type DrainOptions = { readonly wait?: boolean; readonly timeout?: number }

async function drain(
  session: Session,
  name: string | undefined,
  { wait, timeout }: DrainOptions,
): Promise<void> {
  const { id } = await findNode(session, name)
  let node = await session.client.nodes.drain(id)
  const until = timeout === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeout
  while (wait === true && isHolding(node)) {
    if (Date.now() > until) {
      throw new CliError(EXIT.waitTimedOut, `The node ${id} still holds ${node.held} runs.`, {
        hint: 'It goes on draining. Look again with: carillon cluster status',
      })
    }
    await sleep(LOOK_EVERY_MS)
    node = (await session.client.nodes.list()).items.find((other) => other.id === id) ?? node
  }
  await session.print(node, () => `The node ${id} takes no more work.`)
}

/** null: it has not heard yet, so it may still take more. */
function isHolding({ status: state, held }: Node): boolean {
  return state === 'draining' && held !== 0
}

async function undrain(session: Session, name: string | undefined): Promise<void> {
  const node = await session.client.nodes.undrain((await findNode(session, name)).id)
  await session.print(node, () => `The node ${node.id} takes work again.`)
}

/** By id or by host; without a name the one there is. */
async function findNode(session: Session, name: string | undefined): Promise<Node> {
  const { items } = await session.client.nodes.list()
  const there = items.filter(({ endedAt }) => endedAt === null)
  const fitting = there.filter(({ id, hostname }) => name === undefined || name === id || name === hostname)
  const [node] = fitting
  if (node !== undefined && fitting.length === 1) return node
  const which = there.map(({ id, hostname, pid }) => `${id} (${hostname}:${pid})`).join(', ')
  if (fitting.length === 0)
    throw new CliError(EXIT.notFound, `There is no node "${name}" now.`, { hint: `There are: ${which}` })
  throw new CliError(EXIT.usage, 'Say which node, by its id.', { hint: `There are: ${which}` })
}
