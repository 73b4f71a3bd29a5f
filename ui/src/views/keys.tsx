// Who may come in: make a key, change its secret, end it.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useEffect, useState } from 'preact/hooks'
import { ROLES, type Role, SCOPES_OF_ROLE } from '../../../src/protocol/scopes.ts'
import type { Key, Scope } from '../../../src/sdk/index.ts'
import { KEY_COLUMNS } from '../export/columns.ts'
import { ExportPick } from '../export/export-pick.tsx'
import { Answer } from '../parts/answer.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Glyph } from '../parts/glyph.tsx'
import { Notice } from '../parts/notice.tsx'
import { Pager } from '../parts/pager.tsx'
import { Panel } from '../parts/panel.tsx'
import { carillon } from '../state/client.ts'
import { queries } from '../state/queries.ts'
import { useAddress } from '../state/use-address.ts'
import { now } from '../time/clock.ts'
import { TimeText } from '../time/time-text.tsx'

const SCOPES: readonly (readonly [Scope, string])[] = [
  ['jobs:read', 'see jobs'],
  ['jobs:write', 'make and change jobs'],
  ['runs:read', 'see runs and the ledger'],
  ['runs:write', 'trigger, cancel and retry'],
  ['admin', 'everything, keys too'],
  ['agent', 'lease work as an agent'],
]

const OWN_CHOICE = 'own'

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: 'viewer: sees jobs and runs',
  operator: 'operator: sees jobs, triggers and cancels runs',
  editor: 'editor: changes jobs and runs',
  admin: 'admin: everything, keys too',
}

/** null: no role has just these. */
function roleOf(scopes: readonly Scope[]): Role | null {
  const same = (others: readonly Scope[]): boolean =>
    others.length === scopes.length && others.every((one) => scopes.includes(one))
  return ROLES.find((role) => same(SCOPES_OF_ROLE[role])) ?? null
}

type Open = { kind: 'new' } | { kind: 'rotate' | 'revoke'; key: Key } | null

export function KeysView() {
  const address = useAddress()
  const cursor = address.get('cursor')
  const [open, setOpen] = useState<Open>(null)
  const [secret, setSecret] = useState<string | null>(null)
  useEffect(() => {
    document.title = 'Keys · Carillon'
  }, [])
  const keys = useQuery({
    queryKey: ['keys', cursor],
    queryFn: () => carillon.keys.list({ limit: 50, ...(cursor === null ? {} : { cursor }) }),
    placeholderData: keepPreviousData,
  })
  const projects = useQuery({
    queryKey: ['projects', 'names'],
    queryFn: () => carillon.projects.list({ limit: 200 }),
  })
  const names = new Map(projects.data?.items.map(({ id, name }) => [id, name]))
  const done = (shown: string | null): void => {
    setSecret(shown)
    void queries.invalidateQueries({ queryKey: ['keys'] })
  }
  return (
    <div class="stack">
      <div class="page-head">
        <h1>Keys</h1>
        <button type="button" class="button primary" onClick={() => setOpen({ kind: 'new' })}>
          <Glyph name="plus" />
          New key
        </button>
      </div>
      {secret !== null && (
        <Notice tone="ok" action={<CopyButton text={secret}>Copy</CopyButton>}>
          <p>This is the key. It is shown this once.</p>
          <code>{secret}</code>
        </Notice>
      )}
      <Answer of={keys}>
        {({ items, nextCursor }) => (
          <Panel
            flush
            footer={
              <Pager address={address} next={nextCursor} shown={items.length}>
                <ExportPick name="keys" rows={items} columns={KEY_COLUMNS} />
              </Pager>
            }
          >
            <div class="table-wrap">
              <table class="list cards">
                <thead>
                  <tr>
                    <th>Name</th>
                    <th>State</th>
                    <th>May</th>
                    <th>Last used</th>
                    <th>
                      <span class="hidden-text">Act</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((key) => (
                    <Row key={key.id} of={key} names={names} onOpen={setOpen} />
                  ))}
                </tbody>
              </table>
            </div>
          </Panel>
        )}
      </Answer>
      {open?.kind === 'new' && <NewKey onClose={() => setOpen(null)} onMade={done} />}
      {open?.kind === 'rotate' && <Rotate of={open.key} onClose={() => setOpen(null)} onMade={done} />}
      {open?.kind === 'revoke' && (
        <Dialog
          title={`Revoke ${open.key.name}`}
          onClose={() => setOpen(null)}
          act={{
            label: 'Revoke it',
            danger: true,
            run: async () => {
              await carillon.keys.revoke(open.key.id)
              done(null)
            },
          }}
        >
          <p>It works no more, at once and for good. Whoever is signed in with it is signed out.</p>
        </Dialog>
      )}
    </div>
  )
}

type RowProps = {
  readonly of: Key
  readonly names: ReadonlyMap<string, string>
  readonly onOpen: (open: Open) => void
}

function Row({ of, names, onOpen }: RowProps) {
  const expired = of.expiresAt !== null && Date.parse(of.expiresAt) <= now.value
  const live = of.revokedAt === null && !expired
  const role = roleOf(of.scopes)
  return (
    <tr data-row>
      <td class="name">
        {of.name}
        <div class="soft small mono">{of.hint}</div>
      </td>
      <td>
        <span class="status" data-tone={live ? 'ok' : 'calm'}>
          <Glyph name={live ? 'succeeded' : 'cancelled'} />
          {live ? 'live' : of.revokedAt === null ? 'expired' : 'revoked'}
        </span>
        {live && of.expiresAt !== null && (
          <div class="soft small">
            until <TimeText at={of.expiresAt} />
          </div>
        )}
      </td>
      <td>
        {role !== null && <strong title="its role: what these scopes are together">{role}</strong>}
        <span class="row">
          {of.scopes.map((scope) => (
            <span key={scope} class="chip">
              {scope}
            </span>
          ))}
        </span>
        {of.projectIds !== null && (
          <div class="soft small">in {of.projectIds.map((id) => names.get(id) ?? id).join(', ')}</div>
        )}
      </td>
      <td data-title="last used">
        <TimeText at={of.lastUsedAt} none="never" />
      </td>
      <td class="actions">
        {live && (
          <>
            <button type="button" class="button small" onClick={() => onOpen({ kind: 'rotate', key: of })}>
              New secret
            </button>{' '}
            <button
              type="button"
              class="button small danger"
              onClick={() => onOpen({ kind: 'revoke', key: of })}
            >
              Revoke
            </button>
          </>
        )}
      </td>
    </tr>
  )
}

type MakeProps = { readonly onClose: () => void; readonly onMade: (secret: string) => void }

function NewKey({ onClose, onMade }: MakeProps) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role | null>('viewer')
  const [scopes, setScopes] = useState<readonly Scope[]>(SCOPES_OF_ROLE.viewer)
  const [projects, setProjects] = useState('')
  const [days, setDays] = useState('')
  const run = async (): Promise<void> => {
    const expiresAt =
      days === '' ? {} : { expiresAt: new Date(Date.now() + Number(days) * 86_400_000).toISOString() }
    const only = projects.split(/[\s,]+/).filter((one) => one !== '')
    const within = only.length === 0 ? {} : { projects: only }
    const may = role === null ? { scopes: [...scopes] } : { roles: [role] }
    onMade((await carillon.keys.create({ name, ...may, ...within, ...expiresAt })).secret)
  }
  return (
    <Dialog title="New key" onClose={onClose} act={{ label: 'Make it', run }}>
      <Field label="Name" hint="Who or what uses it.">
        {(ids) => (
          <input
            {...ids}
            required
            maxLength={100}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label="Role" hint="What it may; single scopes can be chosen instead.">
        {(ids) => (
          <select
            {...ids}
            value={role ?? OWN_CHOICE}
            onChange={({ currentTarget: { value } }) => {
              const next = ROLES.find((one) => one === value) ?? null
              setRole(next)
              if (next !== null) setScopes(SCOPES_OF_ROLE[next])
            }}
          >
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {ROLE_WORDS[one]}
              </option>
            ))}
            <option value={OWN_CHOICE}>scopes of my own choice</option>
          </select>
        )}
      </Field>
      {role === null && <ScopeChoice scopes={scopes} onChoose={setScopes} />}
      <Field label="Only in these projects" hint="billing, shop. Left empty: in all of them.">
        {(ids) => (
          <input
            {...ids}
            spellcheck={false}
            value={projects}
            onInput={(event) => setProjects(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label="Works for so many days" hint="Left empty: until it is revoked.">
        {(ids) => (
          <input
            {...ids}
            type="number"
            min={1}
            value={days}
            onInput={(event) => setDays(event.currentTarget.value)}
          />
        )}
      </Field>
    </Dialog>
  )
}

type ChoiceProps = {
  readonly scopes: readonly Scope[]
  readonly onChoose: (scopes: readonly Scope[]) => void
}

function ScopeChoice({ scopes, onChoose }: ChoiceProps) {
  return (
    <fieldset class="field">
      <legend class="label">It may</legend>
      {SCOPES.map(([scope, words]) => (
        <label key={scope} class="check">
          <input
            type="checkbox"
            checked={scopes.includes(scope)}
            onChange={() =>
              onChoose(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope])
            }
          />
          {words} <code class="soft">{scope}</code>
        </label>
      ))}
    </fieldset>
  )
}

function Rotate({ of, onClose, onMade }: MakeProps & { readonly of: Key }) {
  const [overlap, setOverlap] = useState('1h')
  return (
    <Dialog
      title={`A new secret for ${of.name}`}
      onClose={onClose}
      act={{
        label: 'Make it',
        run: async () =>
          onMade((await carillon.keys.rotate(of.id, overlap === '' ? {} : { overlap })).secret),
      }}
    >
      <Field label="The old one works on for" hint="So that its users can change over. 0s: it ends at once.">
        {(ids) => (
          <input {...ids} value={overlap} onInput={(event) => setOverlap(event.currentTarget.value)} />
        )}
      </Field>
    </Dialog>
  )
}
