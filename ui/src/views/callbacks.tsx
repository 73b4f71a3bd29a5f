// Who was told, who could not be, and telling them again.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useEffect, useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { CallbackDelivery, CallbackQuery } from '../../../src/sdk/index.ts'
import { CALLBACK_COLUMNS } from '../export/columns.ts'
import { ExportPick } from '../export/export-pick.tsx'
import { Answer, Empty } from '../parts/answer.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { FilterChip } from '../parts/filter-chip.tsx'
import { Glyph, type GlyphName } from '../parts/glyph.tsx'
import { Pager } from '../parts/pager.tsx'
import { Panel } from '../parts/panel.tsx'
import type { Tone } from '../parts/status.tsx'
import { say, sayWrong } from '../parts/toasts.tsx'
import { carillon } from '../state/client.ts'
import { queries } from '../state/queries.ts'
import { type Address, useAddress } from '../state/use-address.ts'
import { may } from '../state/visit.ts'
import { wrongText } from '../state/wrong.ts'
import { durationText } from '../time/format.ts'
import { TimeText } from '../time/time-text.tsx'

const PAGE = 50
const STATUSES = ['dead', 'pending', 'delivered'] as const

const SIGNS: Readonly<Record<CallbackDelivery['status'], readonly [Tone, GlyphName, string]>> = {
  dead: ['bad', 'failed', 'dead letter'],
  pending: ['busy', 'pending', 'on its way'],
  delivered: ['ok', 'succeeded', 'delivered'],
}

export function CallbacksView() {
  const address = useAddress()
  const status = STATUSES.find((one) => one === address.get('status'))
  const cursor = address.get('cursor')
  const of = ofWhat(address)
  const [open, setOpen] = useState<string | null>(null)
  useEffect(() => {
    document.title = 'Callbacks · Carillon'
  }, [])
  const callbacks = useQuery({
    queryKey: ['callbacks', 'list', status, of, cursor],
    queryFn: () =>
      carillon.callbacks.list({
        limit: PAGE,
        ...of,
        ...(status === undefined ? {} : { status }),
        ...(cursor === null ? {} : { cursor }),
      }),
    placeholderData: keepPreviousData,
  })
  return (
    <div class="stack">
      <h1>Callbacks</h1>
      <fieldset class="switcher" aria-label="Status">
        <button
          type="button"
          aria-pressed={status === undefined}
          onClick={() => address.set({ status: null, cursor: null })}
        >
          all
        </button>
        {STATUSES.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={status === one}
            onClick={() => address.set({ status: one, cursor: null })}
          >
            {SIGNS[one][2]}
          </button>
        ))}
      </fieldset>
      <div class="row">
        <FilterChip address={address} name="run" words="of every run" />
        <FilterChip address={address} name="job" words="of every job" />
        <FilterChip address={address} name="project" words="of every project" />
      </div>
      <Answer of={callbacks}>
        {({ items, nextCursor }) => (
          <Panel
            flush
            footer={
              <Pager address={address} next={nextCursor} shown={items.length}>
                <ExportPick name="callbacks" rows={items} columns={CALLBACK_COLUMNS} />
                {status === 'dead' && items.length > 1 && may('runs:write') && (
                  <button type="button" class="button small" onClick={() => void redeliverAll(items)}>
                    Tell all of these again
                  </button>
                )}
              </Pager>
            }
          >
            {items.length === 0 ? (
              <Empty>
                <p>
                  {status === 'dead'
                    ? 'No dead letters: everybody was told.'
                    : 'Nobody was to be told. A job names its receiver under “Who is told”.'}
                </p>
              </Empty>
            ) : (
              <Table items={items} onOpen={setOpen} />
            )}
          </Panel>
        )}
      </Answer>
      {open !== null && <Tries id={open} onClose={() => setOpen(null)} />}
    </div>
  )
}

function Sign({ of }: { readonly of: CallbackDelivery['status'] }) {
  const [tone, glyph, word] = SIGNS[of]
  return (
    <span class="status" data-tone={tone}>
      <Glyph name={glyph} />
      {word}
    </span>
  )
}

function Table({
  items,
  onOpen,
}: {
  readonly items: readonly CallbackDelivery[]
  readonly onOpen: (id: string) => void
}) {
  return (
    <div class="table-wrap">
      <table class="list cards">
        <thead>
          <tr>
            <th>Status</th>
            <th>Receiver</th>
            <th>Of</th>
            <th>Made</th>
            <th>Tries</th>
            <th>
              <span class="hidden-text">Act</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.id} data-row>
              <td>
                <Sign of={one.status} />
              </td>
              <td class="name">
                <div class="ellipsis mono">{one.url}</div>
              </td>
              <td>
                <Link href={`/runs/${one.runId}`}>the run</Link>
              </td>
              <td data-title="made">
                <TimeText at={one.createdAt} />
              </td>
              <td class="number" data-title="tries">
                {one.tries}
              </td>
              <td class="actions">
                <button type="button" class="button small" onClick={() => onOpen(one.id)}>
                  Tries
                </button>{' '}
                {one.status !== 'pending' && may('runs:write') && (
                  <button type="button" class="button small" onClick={() => void redeliver(one.id)}>
                    Tell again
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

async function redeliver(id: string): Promise<void> {
  try {
    await carillon.callbacks.redeliver(id)
    say('It is on its way again.')
    await queries.invalidateQueries({ queryKey: ['callbacks'] })
  } catch (error) {
    sayWrong(error)
  }
}

/** One after the other: their receivers were in trouble once already. */
async function redeliverAll(items: readonly CallbackDelivery[]): Promise<void> {
  let told = 0
  try {
    for (const { id } of items) {
      await carillon.callbacks.redeliver(id)
      told += 1
    }
    say(`${told} are on their way again.`)
  } catch (error) {
    say(`${told} of ${items.length} are on their way again, then: ${wrongText(error)}`, 'bad')
  }
  await queries.invalidateQueries({ queryKey: ['callbacks'] })
}

function ofWhat({ get }: Address): Pick<CallbackQuery, 'run' | 'job' | 'project'> {
  const found: Record<string, string> = {}
  for (const name of ['run', 'job', 'project']) {
    const value = get(name)
    if (value !== null) found[name] = value
  }
  return found
}

function Tries({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const callback = useQuery({ queryKey: ['callbacks', 'one', id], queryFn: () => carillon.callbacks.get(id) })
  return (
    <Dialog title="Tries to tell it" onClose={onClose}>
      <Answer of={callback}>
        {(data) => (
          <div class="stack tight">
            <p class="mono">{data.url}</p>
            {data.deliveries.length === 0 && <p class="soft">None yet.</p>}
            <ol class="stack tight">
              {data.deliveries.map((one) => (
                <li key={one.number} class="row">
                  <span class="status" data-tone={one.ok ? 'ok' : 'bad'}>
                    <Glyph name={one.ok ? 'succeeded' : 'failed'} />
                    {one.number}. {one.status ?? 'no answer'}
                  </span>
                  <TimeText at={one.startedAt} />
                  <span class="soft number">
                    {durationText(Date.parse(one.endedAt) - Date.parse(one.startedAt))}
                  </span>
                  <span class="soft">{one.message}</span>
                </li>
              ))}
            </ol>
          </div>
        )}
      </Answer>
    </Dialog>
  )
}
