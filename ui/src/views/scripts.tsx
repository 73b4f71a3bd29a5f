// What agents run by its SHA-256: upload, read, fetch, make a job of it, delete what nothing uses.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { Script } from '../../../src/sdk/index.ts'
import { SCRIPT_COLUMNS } from '../export/columns.ts'
import { Answer } from '../parts/answer.tsx'
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
import { may } from '../state/visit.ts'
import { countText } from '../time/format.ts'
import { TimeText } from '../time/time-text.tsx'

const PAGE = 50
/** Of a script in a dialog; the download has all of it. */
const SHOWN_BYTES_MAX = 100_000

type Open = { kind: 'upload' } | { kind: 'read' | 'delete'; script: Script } | null

export function ScriptsView() {
  const address = useAddress()
  const cursor = address.get('cursor')
  const project = useProject(address.get('project'))
  const [open, setOpen] = useState<Open>(null)
  useTitle('Scripts')
  const { inProject } = project
  const scripts = useQuery({
    queryKey: ['scripts', project.name, cursor],
    enabled: project.known,
    queryFn: () => carillon.scripts.list({ limit: PAGE, ...inProject, ...given({ cursor }) }),
    placeholderData: keepPreviousData,
  })
  const close = (): void => setOpen(null)
  return (
    <div class="stack">
      <div class="page-head">
        <h1>Scripts</h1>
        {may('jobs:write') && (
          <button type="button" class="button primary" onClick={() => setOpen({ kind: 'upload' })}>
            <Glyph name="plus" />
            Upload a script
          </button>
        )}
      </div>
      <ProjectPick of={project} onChoose={(name) => address.set({ project: name, cursor: null })} />
      <ListPanel
        of={scripts}
        address={address}
        name="scripts"
        columns={SCRIPT_COLUMNS}
        none={() => (
          <p>No script yet. Agents run an uploaded one by its SHA-256, checked before each execution.</p>
        )}
      >
        {(items) => <Table items={items} onOpen={setOpen} />}
      </ListPanel>
      {open?.kind === 'upload' && <Upload inProject={inProject} onClose={close} />}
      {open?.kind === 'read' && <Read script={open.script} onClose={close} />}
      {open?.kind === 'delete' && (
        <Dialog
          title={`Delete ${nameOf(open.script)}`}
          onClose={close}
          act={{
            label: 'Delete it',
            danger: true,
            run: async () => {
              await carillon.scripts.delete(open.script.sha256, { project: open.script.projectId })
              await told(`${nameOf(open.script)} is deleted.`, 'scripts')
            },
          }}
        >
          <p>Refused while a job, or a run that has not ended, uses it.</p>
        </Dialog>
      )}
    </div>
  )
}

function nameOf({ name, sha256 }: Script): string {
  return name ?? sha256.slice(0, 12)
}

function contentPath({ sha256, projectId }: Script): string {
  return `/v1/scripts/${sha256}/content?project=${encodeURIComponent(projectId)}`
}

function jobPath({ sha256, interpreter, projectId }: Script): string {
  const about = { script: sha256, project: projectId, ...given({ interpreter }) }
  return `/jobs/new?${new URLSearchParams(about)}`
}

type TableProps = { readonly items: readonly Script[]; readonly onOpen: (open: Open) => void }

function Table({ items, onOpen }: TableProps) {
  return (
    <ListTable head={['Name', 'Meant for', 'Bytes', 'Uploaded']} acts>
      {items.map((script) => (
        <tr key={script.sha256} data-row>
          <td class="name">
            {nameOf(script)}
            <div class="soft small mono ellipsis" title={script.sha256}>
              {script.sha256}
            </div>
          </td>
          <td data-title="meant for">{script.interpreter ?? <span class="soft">–</span>}</td>
          <td class="number" data-title="bytes">
            {countText(script.bytes)}
          </td>
          <td data-title="uploaded">
            <TimeText at={script.createdAt} />
          </td>
          <td class="actions">
            <button type="button" class="button small" onClick={() => onOpen({ kind: 'read', script })}>
              Read
            </button>{' '}
            {may('jobs:write') && (
              <>
                <Link class="button small" href={jobPath(script)}>
                  Job of it
                </Link>{' '}
                <button
                  type="button"
                  class="button small danger"
                  onClick={() => onOpen({ kind: 'delete', script })}
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

type UploadProps = Pick<OfProject, 'inProject'> & { readonly onClose: () => void }

function Upload({ inProject, onClose }: UploadProps) {
  const [file, setFile] = useState<File | null>(null)
  const [interpreter, setInterpreter] = useState('')
  const run = async (): Promise<void> => {
    if (file === null) throw new Error('Choose a file first.')
    const script = await carillon.scripts.upload(new Uint8Array(await file.arrayBuffer()), {
      name: file.name,
      ...(interpreter === '' ? {} : { interpreter }),
      ...inProject,
    })
    await told(`${nameOf(script)} is there, as ${script.sha256.slice(0, 12)}….`, 'scripts')
  }
  return (
    <Dialog title="Upload a script" onClose={onClose} act={{ label: 'Upload it', run }}>
      <Field label="File" hint="Stored byte for byte. The same content again is the same script.">
        {(ids) => (
          <input {...ids} type="file" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} />
        )}
      </Field>
      <TextField
        label="Meant for"
        hint="python3, bash … A job names its own interpreter."
        maxLength={100}
        value={interpreter}
        onText={setInterpreter}
      />
    </Dialog>
  )
}

function Read({ script, onClose }: { readonly script: Script; readonly onClose: () => void }) {
  const content = useQuery({
    queryKey: ['script', script.projectId, script.sha256],
    queryFn: () => carillon.scripts.content(script.sha256, { project: script.projectId }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <Dialog title={nameOf(script)} onClose={onClose}>
      <Answer of={content}>
        {(bytes) => (
          <div class="stack tight">
            <p class="mono small wrap">{script.sha256}</p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard */}
            <pre class="code" tabIndex={0}>
              {new TextDecoder().decode(bytes.subarray(0, SHOWN_BYTES_MAX))}
            </pre>
            {bytes.length > SHOWN_BYTES_MAX && (
              <p class="soft">It is longer than is shown: the download has all of it.</p>
            )}
            <div class="row">
              <a class="button small" href={contentPath(script)} download={nameOf(script)}>
                Download
              </a>
              <CopyButton text={script.sha256}>Copy the SHA-256</CopyButton>
            </div>
          </div>
        )}
      </Answer>
    </Dialog>
  )
}
