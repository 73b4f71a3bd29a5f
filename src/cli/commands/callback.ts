// carillon callback …

import { Option } from 'commander'
import type { CallbackDelivery, CallbackDetail } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { doing, type Fill, leaf } from '../command-tree.ts'
import { confirm } from '../confirm.ts'
import { EXIT } from '../exit-code.ts'
import { addPageOptions, type PageOptions, printPages } from '../page-options.ts'
import type { Session } from '../session.ts'
import { statusStyle } from '../show/paint.ts'
import { safeText } from '../show/safe-text.ts'
import { fields, table } from '../show/table.ts'
import { showInstant, showTook } from '../show/times.ts'

export const fillCallback: Fill = (callback, walk) => {
  addPageOptions(leaf(callback, 'list', 'List callbacks'))
    .addOption(new Option('--status <status>', 'only these').choices(['pending', 'delivered', 'dead']))
    .option('-j, --job <job>', 'only of this job')
    .option('-r, --run <run>', 'only of this run')
    .option('-p, --project <name>', 'only of this project')
    .action(doing(walk, listCallbacks))
  leaf(callback, 'get <callback>', 'Show a callback with every try').action(doing(walk, getCallback))
  leaf(callback, 'redeliver [callback...]', 'Try ended ones again from the start')
    .option('--dead', 'all dead ones')
    .option('-j, --job <job>', 'with --dead: only of this job')
    .action(doing(walk, redeliver))
}

type ListOptions = PageOptions & {
  readonly status?: CallbackDelivery['status']
  readonly job?: string
  readonly run?: string
  readonly project?: string
}

async function listCallbacks(session: Session, options: ListOptions): Promise<void> {
  const { status, job, run, project } = options
  await printPages(
    session,
    options,
    (page) => session.client.callbacks.list({ status, job, run, project, ...page }),
    (callbacks) =>
      table(
        callbacks,
        [
          { title: 'CALLBACK', value: ({ id }) => id },
          { title: 'STATUS', value: (one) => one.status, style: 'status' },
          { title: 'TRIES', value: ({ tries }) => String(tries) },
          { title: 'NEXT TRY', value: ({ nextTryAt }) => showInstant(nextTryAt) },
          { title: 'RUN', value: ({ runId }) => runId },
          { title: 'TELLS', value: ({ url }) => url },
        ],
        session.look,
      ),
    'No callbacks.',
  )
}

async function getCallback(session: Session, id: string): Promise<void> {
  const callback = await session.client.callbacks.get(id)
  await session.print(callback, () => showCallback(session, callback))
}

function showCallback(session: Session, callback: CallbackDetail): string {
  const { id, status, url, runId, createdAt, nextTryAt, deliveries } = callback
  const about = fields(
    [
      ['Callback', id],
      ['Status', session.paint(statusStyle(status), status)],
      ['Tells', safeText(url)],
      ['Of run', runId],
      ['Since', showInstant(createdAt)],
      ['Next try', showInstant(nextTryAt)],
    ],
    session.look,
  )
  if (deliveries.length === 0) return about
  const tries = table(
    deliveries,
    [
      { title: 'TRY', value: ({ number }) => String(number) },
      { title: 'AT', value: ({ startedAt }) => showInstant(startedAt) },
      { title: 'TOOK', value: ({ startedAt, endedAt }) => showTook(startedAt, endedAt, Date.now()) },
      { title: 'ANSWER', value: (one) => `${one.status ?? 'none'} ${one.message}` },
    ],
    session.look,
  )
  return `${about}\n\n${tries}`
}

type RedeliverOptions = { readonly dead?: boolean; readonly job?: string }

async function redeliver(
  session: Session,
  ids: readonly string[],
  { dead, job }: RedeliverOptions,
): Promise<void> {
  if (dead !== true && ids.length === 0)
    throw new CliError(EXIT.usage, 'Which callback?', { hint: 'Name one, or give --dead for all dead ones.' })
  const all = dead === true ? [...ids, ...(await deadOnes(session, job))] : ids
  if (dead === true && all.length > 0) await confirm(session, `Deliver ${all.length} dead callbacks again?`)
  const items: CallbackDelivery[] = []
  for (const id of all) items.push(await session.client.callbacks.redeliver(id))
  await session.print(items.length === 1 ? items[0] : { items, nextCursor: null }, () =>
    items.map(({ id, status }) => `Callback ${id} is ${status}`).join('\n'),
  )
  if (items.length === 0) session.say('No dead callbacks.')
}

/** Collected before the first is sent: what is delivered again leaves the list. */
async function deadOnes(session: Session, job: string | undefined): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of session.client.callbacks.all({ status: 'dead', job })) ids.push(id)
  return ids
}
