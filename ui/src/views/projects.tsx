// Namespaces of jobs: make one, say how long its runs are kept, delete an empty one.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { Project } from '../../../src/sdk/index.ts'
import { PROJECT_COLUMNS } from '../export/columns.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Glyph } from '../parts/glyph.tsx'
import { ListPanel } from '../parts/list-panel.tsx'
import { ListTable } from '../parts/list-table.tsx'
import { TextField } from '../parts/text-field.tsx'
import { carillon } from '../state/client.ts'
import { given } from '../state/given.ts'
import { told } from '../state/told.ts'
import { useAddress } from '../state/use-address.ts'
import { useTitle } from '../state/use-title.ts'
import { may } from '../state/visit.ts'
import { TimeText } from '../time/time-text.tsx'

const PAGE = 50

type Open = { kind: 'new' } | { kind: 'edit' | 'delete'; project: Project } | null

export function ProjectsView() {
  const address = useAddress()
  const cursor = address.get('cursor')
  const [open, setOpen] = useState<Open>(null)
  useTitle('Projects')
  const projects = useQuery({
    queryKey: ['projects', cursor],
    queryFn: () => carillon.projects.list({ limit: PAGE, ...given({ cursor }) }),
    placeholderData: keepPreviousData,
  })
  const close = (): void => setOpen(null)
  return (
    <div class="stack">
      <div class="page-head">
        <h1>Projects</h1>
        {may('admin') && (
          <button type="button" class="button primary" onClick={() => setOpen({ kind: 'new' })}>
            <Glyph name="plus" />
            New project
          </button>
        )}
      </div>
      <ListPanel of={projects} address={address} name="projects" columns={PROJECT_COLUMNS}>
        {(items) => <Table items={items} onOpen={setOpen} />}
      </ListPanel>
      {open?.kind === 'new' && <ProjectDialog onClose={close} />}
      {open?.kind === 'edit' && <ProjectDialog of={open.project} onClose={close} />}
      {open?.kind === 'delete' && (
        <Dialog
          title={`Delete ${open.project.name}`}
          onClose={close}
          act={{
            label: 'Delete it',
            danger: true,
            run: async () => {
              await carillon.projects.delete(open.project.id)
              await told(`${open.project.name} is deleted.`, 'projects')
            },
          }}
        >
          <p>Only an empty one can be: without jobs, and without a ledger of jobs that were there.</p>
        </Dialog>
      )}
    </div>
  )
}

type TableProps = { readonly items: readonly Project[]; readonly onOpen: (open: Open) => void }

function Table({ items, onOpen }: TableProps) {
  return (
    <ListTable head={['Name', 'Ended runs are kept', 'Made']} acts>
      {items.map((project) => (
        <tr key={project.id} data-row>
          <td class="name">
            <div class="ellipsis">
              <Link class="strong" href={`/jobs?project=${encodeURIComponent(project.name)}`}>
                {project.name}
              </Link>
            </div>
            {project.description !== null && <div class="soft small ellipsis">{project.description}</div>}
          </td>
          <td data-title="kept">{keepText(project.keep)}</td>
          <td data-title="made">
            <TimeText at={project.createdAt} />
          </td>
          <td class="actions">
            <Link class="button small" href={`/runs?project=${encodeURIComponent(project.name)}`}>
              Runs
            </Link>{' '}
            {may('admin') && (
              <>
                <button type="button" class="button small" onClick={() => onOpen({ kind: 'edit', project })}>
                  Edit
                </button>{' '}
                <button
                  type="button"
                  class="button small danger"
                  onClick={() => onOpen({ kind: 'delete', project })}
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

function keepText({ days, last }: Project['keep']): string {
  const parts = [
    ...(days === undefined ? [] : [`${days} days`]),
    ...(last === undefined ? [] : [`and the last ${last} of each status`]),
  ]
  return parts.length === 0 ? 'as the server has it' : parts.join(' ')
}

/** A new one, or another name, description or rule for one that is there. */
function ProjectDialog({ of, onClose }: { readonly of?: Project; readonly onClose: () => void }) {
  const [name, setName] = useState(of?.name ?? '')
  const [description, setDescription] = useState(of?.description ?? '')
  const [days, setDays] = useState(String(of?.keep.days ?? ''))
  const [last, setLast] = useState(String(of?.keep.last ?? ''))
  const run = async (): Promise<void> => {
    const keep = {
      ...(days === '' ? {} : { days: Number(days) }),
      ...(last === '' ? {} : { last: Number(last) }),
    }
    const about = { name, description: description === '' ? null : description }
    if (of === undefined) await carillon.projects.create({ ...about, keep })
    else {
      // A merge patch: what was taken out is said to be gone.
      const gone = { days: keep.days ?? null, last: keep.last ?? null } as Project['keep']
      await carillon.projects.patch(of.id, { ...about, keep: gone }, { ifVersion: of.version })
    }
    await told(of === undefined ? `${name} is made.` : `${name} is changed.`, 'projects')
  }
  return (
    <Dialog
      title={of === undefined ? 'New project' : `Edit ${of.name}`}
      onClose={onClose}
      act={{ label: of === undefined ? 'Make it' : 'Save it', run }}
    >
      <TextField
        label="Name"
        hint="Stands in addresses and commands."
        required
        maxLength={100}
        value={name}
        onText={setName}
      />
      <TextField label="Description" maxLength={2_000} value={description} onText={setDescription} />
      <TextField
        label="Keep ended runs, in days"
        hint="Left empty: the server’s rule. Jobs may say otherwise."
        type="number"
        min={1}
        max={3_650}
        value={days}
        onText={setDays}
      />
      <TextField
        label="And the last so many of each status"
        type="number"
        min={0}
        max={100_000}
        value={last}
        onText={setLast}
      />
    </Dialog>
  )
}
