// Asks once, then shows how far it is and what was refused. Closing it stops what is left.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { BulkLine, BulkRequest } from '../../../../src/sdk/index.ts'
import { BULK_COLUMNS } from '../../export/columns.ts'
import { ExportPick } from '../../export/export-pick.tsx'
import { Notice, Wrong } from '../../parts/notice.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { carillon } from '../../state/client.ts'
import { queries } from '../../state/queries.ts'
import { countText } from '../../time/format.ts'

type Props = {
  readonly request: BulkRequest
  readonly count: number
  /** Which jobs these are, where that needs a word. */
  readonly about: ComponentChildren
  /** `happened`: it was begun. */
  readonly onClose: (happened: boolean) => void
}

type Progress = {
  readonly state: 'asking' | 'going' | 'done' | 'stopped'
  readonly total: number
  readonly done: number
  readonly refused: readonly BulkLine[]
  readonly failed: number
  /** What became of each, in the order it was told. */
  readonly results: readonly BulkLine[]
}

const WORDS = { pause: 'Pause', resume: 'Resume', trigger: 'Run', delete: 'Delete' } as const
const REFUSED_SHOWN = 200
/** The screen keeps up with any server. */
const PAINT_MS = 100

export function BulkDialog({ request, count, about, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const ended = useRef(new AbortController())
  const [note, setNote] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [progress, setProgress] = useState<Progress>({
    state: 'asking',
    total: count,
    done: 0,
    refused: [],
    failed: 0,
    results: [],
  })
  const { state, total, done, refused, failed, results } = progress
  useEffect(() => {
    dialog.current?.showModal()
    return () => ended.current.abort()
  }, [])
  const run = async (): Promise<void> => {
    const asked = note.trim() === '' || request.action !== 'pause' ? request : { ...request, pause: { note } }
    const results: BulkLine[] = []
    const now = { total: count, done: 0, failed: 0, refused: [] as BulkLine[], results }
    const paint = (next: Progress['state']): void =>
      setProgress({ state: next, ...now, refused: [...now.refused] })
    let last = false
    let painted = 0
    paint('going')
    try {
      for await (const line of carillon.jobs.bulk(asked, { signal: ended.current.signal })) {
        if (line.total !== undefined) now.total = line.total
        if (line.done !== undefined) last = true
        if (line.ok !== undefined) results.push(line)
        if (line.ok === true) now.done += 1
        if (line.ok === false) {
          now.failed += 1
          if (now.refused.length < REFUSED_SHOWN) now.refused.push(line)
        }
        if (performance.now() - painted > PAINT_MS) {
          painted = performance.now()
          paint('going')
        }
      }
      paint(last ? 'done' : 'stopped')
    } catch (wrong) {
      setError(wrong)
      paint('stopped')
    }
    void queries.invalidateQueries()
  }
  const close = (): void => {
    ended.current.abort()
    onClose(state !== 'asking')
  }
  const share = total === 0 ? 100 : Math.round(((done + failed) / total) * 100)
  const word = WORDS[request.action]
  return (
    <dialog ref={dialog} aria-label={`${word} ${count} jobs`} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <h2>
          {word} {countText(count)} {count === 1 ? 'job' : 'jobs'}
        </h2>
        {about}
        {state === 'asking' && request.action === 'pause' && (
          <TextField label="Note" hint="Why, for whoever finds them paused." value={note} onText={setNote} />
        )}
        {state === 'asking' && request.action === 'delete' && (
          <Notice tone="warn">
            Their ledgers stay until retention forgets them. The jobs do not come back.
          </Notice>
        )}
        {state !== 'asking' && (
          <>
            <div
              class="progress"
              role="progressbar"
              aria-label={`${word} jobs`}
              aria-valuenow={share}
              aria-valuemin={0}
              aria-valuemax={100}
            >
              <i style={{ width: `${share}%` }} />
            </div>
            <p class="number" role="status">
              {countText(done)} of {countText(total)} done{failed > 0 && `, ${countText(failed)} refused`}
              {state === 'stopped' && '. It stopped before the end: do it again for the rest.'}
              {state === 'done' && '.'}
            </p>
          </>
        )}
        {refused.length > 0 && (
          <ul class="code stack tight">
            {refused.map(({ jobId, name, detail }) => (
              <li key={jobId}>
                <strong>{name ?? jobId}</strong>: {detail}
              </li>
            ))}
          </ul>
        )}
        {(state === 'done' || state === 'stopped') && (
          <div>
            <ExportPick name={`bulk-${request.action}`} rows={results} columns={BULK_COLUMNS} />
          </div>
        )}
        <Wrong error={error} />
        <div class="buttons">
          <button type="button" class="button" onClick={close}>
            {state === 'asking' ? 'Leave it' : state === 'going' ? 'Stop' : 'Close'}
          </button>
          {state === 'asking' && (
            <button type="submit" class={request.action === 'delete' ? 'button danger' : 'button primary'}>
              {word}
            </button>
          )}
        </div>
      </form>
    </dialog>
  )
}
