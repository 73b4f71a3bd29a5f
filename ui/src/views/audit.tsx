// Who changed what: every entry of the audit, found by what stands in the address, and whether its chain holds.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useEffect } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { AUDITED_ACTIONS, type AuditEntry, type AuditQuery } from '../../../src/sdk/index.ts'
import { AUDIT_COLUMNS } from '../export/columns.ts'
import { ExportPick } from '../export/export-pick.tsx'
import { Answer, Empty } from '../parts/answer.tsx'
import { BetweenChip } from '../parts/between-chip.tsx'
import { FilterChip } from '../parts/filter-chip.tsx'
import { Glyph } from '../parts/glyph.tsx'
import { Pager } from '../parts/pager.tsx'
import { Panel } from '../parts/panel.tsx'
import { carillon } from '../state/client.ts'
import { type Address, useAddress } from '../state/use-address.ts'
import { now } from '../time/clock.ts'
import { TimeText } from '../time/time-text.tsx'
import { Chain } from './audit/chain.tsx'

const PAGE = 50
const PROJECTS_NAMED = 200
const UNLINKED_PACE_MS = 1_500
const HOUR = 3_600_000

const SPANS: readonly (readonly [label: string, ms: number])[] = [
  ['the last hour', HOUR],
  ['the last day', 24 * HOUR],
  ['the last week', 168 * HOUR],
  ['the last 30 days', 720 * HOUR],
]

export function AuditView() {
  const address = useAddress()
  const query = queryOf(address)
  const cursor = address.get('cursor')
  useEffect(() => {
    document.title = 'Audit · Carillon'
  }, [])
  const entries = useQuery({
    queryKey: ['audit', query, cursor],
    queryFn: () => carillon.audit.list({ ...query, limit: PAGE, ...(cursor === null ? {} : { cursor }) }),
    placeholderData: keepPreviousData,
    // The newest become links within a second, without an event.
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ link }) => link === null) === true ? UNLINKED_PACE_MS : false,
  })
  const projects = useQuery({
    queryKey: ['projects', 'names'],
    queryFn: () => carillon.projects.list({ limit: PROJECTS_NAMED }),
  })
  const names = new Map(projects.data?.items.map(({ id, name }) => [id, name]))
  const actor = address.get('actor')
  const actorName = entries.data?.items.find(({ actorId }) => actorId === actor)?.actorName
  const project = address.get('project') ?? ''
  return (
    <div class="stack">
      <h1>Audit</h1>
      <div class="row">
        <span class="pick">
          <select
            aria-label="Action"
            value={address.get('action') ?? ''}
            onChange={(event) => address.set({ action: event.currentTarget.value, cursor: null })}
          >
            <option value="">every action</option>
            {AUDITED_ACTIONS.map((action) => (
              <option key={action}>{action}</option>
            ))}
          </select>
        </span>
        <span class="pick">
          <select
            aria-label="Since"
            value=""
            onChange={(event) => {
              const ms = Number(event.currentTarget.value)
              event.currentTarget.value = ''
              address.set({ from: new Date(now.peek() - ms).toISOString(), to: null, cursor: null })
            }}
          >
            <option value="" disabled hidden>
              since …
            </option>
            {SPANS.map(([label, ms]) => (
              <option key={ms} value={ms}>
                {label}
              </option>
            ))}
          </select>
        </span>
        <BetweenChip address={address} words="Of any time" />
        <FilterChip address={address} name="actor" words="by everybody" shown={actorName} />
        <FilterChip address={address} name="subject" words="to everything" />
        <FilterChip address={address} name="project" words="in every project" shown={names.get(project)} />
      </div>
      <Answer of={entries}>
        {({ items, nextCursor }) => (
          <Panel
            flush
            footer={
              <Pager address={address} next={nextCursor} shown={items.length}>
                <ExportPick name="audit" rows={items} columns={AUDIT_COLUMNS} />
              </Pager>
            }
          >
            {items.length === 0 ? (
              <Empty>
                <p>No change is like that.</p>
                <Link href="/audit">All changes</Link>
              </Empty>
            ) : (
              <Table items={items} address={address} names={names} />
            )}
          </Panel>
        )}
      </Answer>
      <Chain />
    </div>
  )
}

type TableProps = {
  readonly items: readonly AuditEntry[]
  readonly address: Address
  readonly names: ReadonlyMap<string, string>
}

function Table({ items, address, names }: TableProps) {
  const narrow = (name: string, value: string) => () => address.set({ [name]: value, cursor: null })
  return (
    <div class="table-wrap">
      <table class="list cards">
        <thead>
          <tr>
            <th>When</th>
            <th>Who</th>
            <th>What</th>
            <th>To what</th>
            <th>More of it</th>
            <th>Link</th>
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => (
            <tr key={entry.id} data-row>
              <td data-title="when">
                <TimeText at={entry.at} />
              </td>
              <td class="name">
                <button
                  type="button"
                  class="link"
                  title={`${entry.actorId}\nShow what this key did`}
                  onClick={narrow('actor', entry.actorId)}
                >
                  {entry.actorName}
                </button>
              </td>
              <td>
                <button
                  type="button"
                  class="link mono"
                  title="Show all of this action"
                  onClick={narrow('action', entry.action)}
                >
                  {entry.action}
                </button>
              </td>
              <td>
                <Subject of={entry} onNarrow={narrow} />
                {entry.projectId !== null && (
                  <div class="small">
                    <button
                      type="button"
                      class="link"
                      title="Show all of this project"
                      onClick={narrow('project', entry.projectId)}
                    >
                      {names.get(entry.projectId) ?? entry.projectId}
                    </button>
                  </div>
                )}
              </td>
              <td class="soft small detail">{detailText(entry)}</td>
              <td data-title="link">
                <Linked of={entry} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const PLACES: Readonly<Record<string, string>> = { job: '/jobs/', run: '/runs/' }

/** By what was done, as names that people give (of a secret, say) may look like ids. What was deleted has no page any more. */
function placeOf({ action, subject }: AuditEntry): string | undefined {
  const kind = action.split('.', 1)[0] ?? ''
  if (subject === null || action === 'job.delete' || !Object.hasOwn(PLACES, kind)) return undefined
  return PLACES[subject.split('_', 1)[0] ?? '']
}

type SubjectProps = {
  readonly of: AuditEntry
  readonly onNarrow: (name: string, value: string) => () => void
}

function Subject({ of: entry, onNarrow }: SubjectProps) {
  const { subject } = entry
  if (subject === null) return <span class="soft">–</span>
  const place = placeOf(entry)
  return (
    <span class="row tight">
      {place === undefined ? (
        <code>{subject}</code>
      ) : (
        <Link class="mono strong" href={place + encodeURIComponent(subject)}>
          {subject}
        </Link>
      )}
      <button
        type="button"
        class="button plain small"
        aria-label={`All that was done to ${subject}`}
        title="All that was done to it"
        onClick={onNarrow('subject', subject)}
      >
        <Glyph name="search" />
      </button>
    </span>
  )
}

function Linked({ of: { link, hash } }: { readonly of: AuditEntry }) {
  const linked = link !== null
  return (
    <span class="status" data-tone={linked ? 'ok' : 'calm'} title={hash ?? 'Within a second it is.'}>
      <Glyph name={linked ? 'succeeded' : 'pending'} />
      {linked ? <span class="number">{link}</span> : 'not linked yet'}
    </span>
  )
}

function detailText({ detail }: AuditEntry): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}

function queryOf({ get }: Address): AuditQuery {
  const query: Record<string, string> = {}
  for (const name of ['action', 'actor', 'subject', 'project', 'from', 'to']) {
    const value = get(name)
    if (value !== null) query[name] = value
  }
  return query
}
