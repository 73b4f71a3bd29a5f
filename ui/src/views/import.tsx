// A crontab becomes jobs: looked at line by line first, then made.

import { useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { JobBatchReport, JobDraft } from '../../../src/sdk/index.ts'
import { type CrontabLine, readCrontab } from '../import/crontab.ts'
import { Field } from '../parts/field.tsx'
import { Glyph } from '../parts/glyph.tsx'
import { ListTable } from '../parts/list-table.tsx'
import { Notice, Wrong } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { TextField } from '../parts/text-field.tsx'
import { carillon } from '../state/client.ts'
import { useTitle } from '../state/use-title.ts'
import { wrongText } from '../state/wrong.ts'
import { TimeText } from '../time/time-text.tsx'
import { LOCAL_ZONE } from '../time/zone-mode.ts'

const EXAMPLE = `# Backs up the shop
30 2 * * * /usr/local/bin/backup --all
*/5 * * * * curl -fsS https://example.com/ping
`

export function ImportView() {
  const [text, setText] = useState('')
  const [zone, setZone] = useState(LOCAL_ZONE)
  const [lines, setLines] = useState<readonly CrontabLine[] | null>(null)
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set())
  const [report, setReport] = useState<JobBatchReport | null>(null)
  const [error, setError] = useState<unknown>(null)
  useTitle('Import a crontab')
  const drafts = (lines ?? []).flatMap(({ number, draft }) =>
    draft === null || left.has(number) ? [] : [draft],
  )
  const make = async (): Promise<void> => {
    setError(null)
    try {
      setReport(await carillon.jobs.createMany({ mode: 'each', jobs: drafts }))
    } catch (wrong) {
      setError(wrong)
    }
  }
  return (
    <div class="stack">
      <div class="about">
        <h1>Import a crontab</h1>
        <p class="soft">Nothing is made before you have seen what would become of each line.</p>
      </div>
      <Panel title="The crontab">
        <form
          class="stack tight"
          onSubmit={(event) => {
            event.preventDefault()
            setReport(null)
            setLeft(new Set())
            setLines(readCrontab(text, zone))
          }}
        >
          <Field label="What crontab -l says">
            {(ids) => (
              <textarea
                {...ids}
                rows={10}
                required
                spellcheck={false}
                placeholder={EXAMPLE}
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            )}
          </Field>
          <TextField
            label="Time zone"
            hint="Of the machine it ran on; CRON_TZ in the text goes before."
            value={zone}
            onText={setZone}
          />
          <div>
            <button type="submit" class="button">
              Show what becomes of it
            </button>
          </div>
        </form>
      </Panel>
      {lines !== null && report === null && (
        <Panel
          title={`${drafts.length} jobs of ${lines.length} lines`}
          flush
          aside={
            <button
              type="button"
              class="button primary"
              disabled={drafts.length === 0}
              onClick={() => void make()}
            >
              Make {drafts.length} jobs
            </button>
          }
        >
          <Wrong error={error} />
          <ListTable head={['Take', 'Line', 'Becomes']}>
            {lines.map((line) => (
              <tr key={line.number}>
                <td class="pick-cell">
                  {line.draft !== null && (
                    <input
                      type="checkbox"
                      aria-label={`Take line ${line.number}`}
                      checked={!left.has(line.number)}
                      onChange={() => {
                        const next = new Set(left)
                        if (!next.delete(line.number)) next.add(line.number)
                        setLeft(next)
                      }}
                    />
                  )}
                </td>
                <td class="name">
                  <span class="soft number">{line.number}</span> <code>{line.text}</code>
                </td>
                <td>
                  <Becomes line={line} />
                </td>
              </tr>
            ))}
          </ListTable>
        </Panel>
      )}
      {report !== null && <Report report={report} drafts={drafts} />}
    </div>
  )
}

function Becomes({ line: { draft, notes } }: { readonly line: CrontabLine }) {
  const preview = useQuery({
    queryKey: ['preview', 'import', JSON.stringify(draft?.schedule)],
    queryFn: () => carillon.schedules.preview({ schedule: draft!.schedule, count: 1 }),
    enabled: draft !== null,
  })
  return (
    <div class="stack import-line">
      {draft !== null && (
        <span>
          <strong>{draft.name}</strong>{' '}
          {preview.data !== undefined && (
            <span class="soft">
              {preview.data.description}, next{' '}
              <TimeText at={preview.data.instants[0]?.utc ?? null} zone={preview.data.timezone} />
            </span>
          )}
        </span>
      )}
      {preview.error !== null && (
        <span class="status" data-tone="bad">
          <Glyph name="failed" />
          <span class="wrap">{wrongText(preview.error)}</span>
        </span>
      )}
      {preview.data?.warnings.map(({ detail }) => (
        <span key={detail} class="toned small" data-tone="warn">
          {detail}
        </span>
      ))}
      {notes.map((note) => (
        <span key={note} class="soft small">
          {note}
        </span>
      ))}
    </div>
  )
}

function Report({
  report,
  drafts,
}: {
  readonly report: JobBatchReport
  readonly drafts: readonly JobDraft[]
}) {
  return (
    <div class="stack tight">
      <Notice tone={report.failed === 0 ? 'ok' : 'warn'}>
        {report.created} jobs are made{report.failed > 0 && `, ${report.failed} were refused`}.{' '}
        <Link href="/jobs?label=import=crontab">Look at them</Link>
      </Notice>
      {report.items.map(({ errors }, n) =>
        errors === undefined ? null : (
          <Notice key={drafts[n]?.name} tone="bad">
            <strong>{drafts[n]?.name}</strong>: {errors.map(({ detail }) => detail).join(' ')}
          </Notice>
        ),
      )}
    </div>
  )
}
