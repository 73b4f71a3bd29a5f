// Secrets of a project: written, given a new value, deleted. No value is ever read: the server has no answer that holds one.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { Secret } from '../../../src/sdk/index.ts'
import { SECRET_COLUMNS } from '../export/columns.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Glyph } from '../parts/glyph.tsx'
import { ListPanel } from '../parts/list-panel.tsx'
import { ListTable } from '../parts/list-table.tsx'
import { type OfProject, ProjectPick, useProject } from '../parts/project-pick.tsx'
import { TextField } from '../parts/text-field.tsx'
import { carillon } from '../state/client.ts'
import { given } from '../state/given.ts'
import { told } from '../state/told.ts'
import { useAddress } from '../state/use-address.ts'
import { useTitle } from '../state/use-title.ts'
import { may, mayEverywhere } from '../state/visit.ts'
import { isMissing } from '../state/wrong.ts'
import { countText } from '../time/format.ts'
import { TimeText } from '../time/time-text.tsx'

const PAGE = 50

type Open = { kind: 'new' | 'reseal' } | { kind: 'rotate' | 'delete'; secret: Secret } | null

export function SecretsView() {
  const address = useAddress()
  const cursor = address.get('cursor')
  const project = useProject(address.get('project'))
  const [open, setOpen] = useState<Open>(null)
  useTitle('Secrets')
  const { inProject } = project
  const secrets = useQuery({
    queryKey: ['secrets', project.name, cursor],
    enabled: project.known,
    queryFn: () => carillon.secrets.list({ limit: PAGE, ...inProject, ...given({ cursor }) }),
    placeholderData: keepPreviousData,
  })
  const close = (): void => setOpen(null)
  return (
    <div class="stack">
      <div class="page-head">
        <h1>Secrets</h1>
        <div class="row">
          {mayEverywhere('admin') && (
            <button type="button" class="button" onClick={() => setOpen({ kind: 'reseal' })}>
              Seal them anew
            </button>
          )}
          {may('admin') && (
            <button type="button" class="button primary" onClick={() => setOpen({ kind: 'new' })}>
              <Glyph name="plus" />
              New secret
            </button>
          )}
        </div>
      </div>
      <p class="soft">
        Jobs name them as <code>{'{{secret.name}}'}</code> in headers, bodies, environment and input. A value
        is filled in right before a request leaves or a process starts, and shown nowhere: not here either.
      </p>
      <ProjectPick of={project} onChoose={(name) => address.set({ project: name, cursor: null })} />
      <ListPanel
        of={secrets}
        address={address}
        name="secrets"
        columns={SECRET_COLUMNS}
        none={() => <p>No secret yet in this project.</p>}
      >
        {(items) => <Table items={items} onOpen={setOpen} />}
      </ListPanel>
      {open?.kind === 'new' && <NewSecret inProject={inProject} onClose={close} />}
      {open?.kind === 'rotate' && <Rotate secret={open.secret} onClose={close} />}
      {open?.kind === 'reseal' && <Reseal onClose={close} />}
      {open?.kind === 'delete' && (
        <Dialog
          title={`Delete ${open.secret.name}`}
          onClose={close}
          act={{
            label: 'Delete it',
            danger: true,
            run: async () => {
              await carillon.secrets.delete(open.secret.name, { project: open.secret.projectId })
              await told(`${open.secret.name} is deleted.`, 'secrets')
            },
          }}
        >
          <p>Refused while a job, or a run that has not ended, asks for it.</p>
        </Dialog>
      )}
    </div>
  )
}

type TableProps = { readonly items: readonly Secret[]; readonly onOpen: (open: Open) => void }

function Table({ items, onOpen }: TableProps) {
  return (
    <ListTable head={['Name', 'Value', 'Set', 'Made', 'Sealed with']} acts>
      {items.map((secret) => (
        <tr key={secret.name} data-row>
          <td class="name">
            <span class="row">
              {secret.name}
              <CopyButton text={`{{secret.${secret.name}}}`}>as jobs name it</CopyButton>
            </span>
          </td>
          <td class="soft">never shown</td>
          <td data-title="set">
            <TimeText at={secret.updatedAt} />
            <div class="small">
              {mayEverywhere('admin') ? (
                <Link
                  href={`/audit?action=secret.set&subject=${encodeURIComponent(secret.name)}&project=${secret.projectId}`}
                >
                  by whom
                </Link>
              ) : (
                <code class="soft">{secret.updatedBy}</code>
              )}
            </div>
          </td>
          <td data-title="made">
            <TimeText at={secret.createdAt} />
          </td>
          <td data-title="sealed with">
            <code class="soft small">{secret.keyId}</code>
          </td>
          <td class="actions">
            {may('admin') && (
              <>
                <button type="button" class="button small" onClick={() => onOpen({ kind: 'rotate', secret })}>
                  New value
                </button>{' '}
                <button
                  type="button"
                  class="button small danger"
                  onClick={() => onOpen({ kind: 'delete', secret })}
                >
                  Delete
                </button>
              </>
            )}
          </td>
        </tr>
      ))}
    </ListTable>
  )
}

type ValueProps = { readonly value: string; readonly onValue: (value: string) => void }

/** Several lines are allowed, as keys have them. What is typed is not shown to whoever looks over a shoulder. */
function ValueField({ value, onValue }: ValueProps) {
  return (
    <Field label="Value" hint="8 to 65536 bytes of text. Once it is set, nobody can read it here.">
      {(ids) => (
        <textarea
          {...ids}
          class="unseen mono"
          required
          rows={3}
          minLength={8}
          maxLength={65_536}
          autocomplete="off"
          spellcheck={false}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

type NewProps = Pick<OfProject, 'inProject'> & { readonly onClose: () => void }

function NewSecret({ inProject, onClose }: NewProps) {
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const run = async (): Promise<void> => {
    if (await isThere(name, inProject))
      throw new Error(`There is a secret ${name}. Give that one a new value.`)
    await carillon.secrets.set(name, value, inProject)
    await told(`${name} is set.`, 'secrets')
  }
  return (
    <Dialog title="New secret" onClose={onClose} act={{ label: 'Set it', run }}>
      <TextField
        label="Name"
        hint="Letters, digits and underscores."
        class="mono"
        required
        autocomplete="off"
        spellcheck={false}
        value={name}
        onText={setName}
      />
      <ValueField value={value} onValue={setValue} />
    </Dialog>
  )
}

/** Setting one that is there would take the place of its value without a word. */
async function isThere(name: string, project: { project?: string }): Promise<boolean> {
  try {
    await carillon.secrets.get(name, project)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

function Rotate({ secret, onClose }: { readonly secret: Secret; readonly onClose: () => void }) {
  const [value, setValue] = useState('')
  const run = async (): Promise<void> => {
    await carillon.secrets.set(secret.name, value, { project: secret.projectId })
    await told(`${secret.name} has a new value. It holds from the next attempt on.`, 'secrets')
  }
  return (
    <Dialog title={`A new value for ${secret.name}`} onClose={onClose} act={{ label: 'Set it', run }}>
      <p>The one it has now is gone then. Attempts that are under way keep it.</p>
      <ValueField value={value} onValue={setValue} />
    </Dialog>
  )
}

function Reseal({ onClose }: { readonly onClose: () => void }) {
  const [renew, setRenew] = useState(false)
  const run = async (): Promise<void> => {
    const { keyId, resealed } = await carillon.secrets.reseal({ renew })
    await told(
      `${countText(resealed)} secrets were sealed anew. All are sealed with key ${keyId}.`,
      'secrets',
    )
  }
  return (
    <Dialog title="Seal them anew" onClose={onClose} act={{ label: 'Seal them', run }}>
      <p>All secrets of all projects are sealed with the newest key; their values stay as they are.</p>
      <label class="check">
        <input type="checkbox" checked={renew} onChange={() => setRenew(!renew)} />
        Make a new key first (where the server made its keys itself)
      </label>
    </Dialog>
  )
}
