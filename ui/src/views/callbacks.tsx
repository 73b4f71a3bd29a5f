// Who was told, who could not be, and telling them again.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { CallbackDelivery, CallbackQuery } from '../../../src/sdk/index.ts'
import { CALLBACK_COLUMNS } from '../export/columns.ts'
import { Answer } from '../parts/answer.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { FilterChip } from '../parts/filter-chip.tsx'
import { ListPanel } from '../parts/list-panel.tsx'
import { ListTable } from '../parts/list-table.tsx'
import { Sign, type SignOf } from '../parts/status.tsx'
import { say, sayWrong } from '../parts/toasts.tsx'
import { carillon } from '../state/client.ts'
import { given } from '../state/given.ts'
import { queries } from '../state/queries.ts'
import { told } from '../state/told.ts'
import { type Address, useAddress } from '../state/use-address.ts'
import { useTitle } from '../state/use-title.ts'
import { may } from '../state/visit.ts'
import { wrongText } from '../state/wrong.ts'
import { durationText } from '../time/format.ts'
import { TimeText } from '../time/time-text.tsx'

const PAGE = 50
const STATUSES = ['dead', 'pending', 'delivered'] as const

const SIGNS: Readonly<Record<CallbackDelivery['status'], readonly [...SignOf, string]>> = {
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
  useTitle('Callbacks')
  const callbacks = useQuery({
    queryKey: ['callbacks', 'list', status, of, cursor],
    queryFn: () =>
      carillon.callbacks.list({
        limit: PAGE,
        ...of,
        ...given({ status, cursor }),
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
      <ListPanel
        of={callbacks}
        address={address}
        name="callbacks"
        columns={CALLBACK_COLUMNS}
        none={() => (
          <p>
            {status === 'dead'
              ? 'No dead letters: everybody was told.'
              : 'Nobody was to be told. A job names its receiver under “Who is told”.'}
          </p>
        )}
        more={(items) =>
          status === 'dead' &&
          items.length > 1 &&
          may('runs:write') && (
            <button type="button" class="button small" onClick={() => void redeliverAll(items)}>
              Tell all of these again
            </button>
          )
        }
      >
        {(items) => <Table items={items} onOpen={setOpen} />}
      </ListPanel>
      {open !== null && <Tries id={open} onClose={() => setOpen(null)} />}
    </div>
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
    <ListTable head={['Status', 'Receiver', 'Of', 'Made', 'Tries']} acts>
      {items.map((one) => (
        <tr key={one.id} data-row>
          <td>
            <Sign of={SIGNS[one.status]}>{SIGNS[one.status][2]}</Sign>
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
    </ListTable>
  )
}

async function redeliver(id: string): Promise<void> {
  try {
    await carillon.callbacks.redeliver(id)
    await told('It is on its way again.', 'callbacks')
  } catch (error) {
    sayWrong(error)
  }
}

/** One after the other: their receivers were in trouble once already. */
async function redeliverAll(items: readonly CallbackDelivery[]): Promise<void> {
  let again = 0
  try {
    for (const { id } of items) {
      await carillon.callbacks.redeliver(id)
      again += 1
    }
    say(`${again} are on their way again.`)
  } catch (error) {
    say(`${again} of ${items.length} are on their way again, then: ${wrongText(error)}`, 'bad')
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
                  <Sign of={one.ok ? ['ok', 'succeeded'] : ['bad', 'failed']}>
                    {one.number}. {one.status ?? 'no answer'}
                  </Sign>
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
