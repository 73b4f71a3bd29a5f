// One job: what it is, what became of every instant, and what one can do with it.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import type { Job } from '../../../src/sdk/index.ts'
import { draftOf } from '../editor/draft.ts'
import { JobEditor } from '../editor/job-editor.tsx'
import { type Deed, deeds } from '../keys/state.ts'
import { Answer } from '../parts/answer.tsx'
import { Glyph } from '../parts/glyph.tsx'
import { Notice } from '../parts/notice.tsx'
import { Status } from '../parts/status.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { say, sayWrong } from '../parts/toasts.tsx'
import { carillon } from '../state/client.ts'
import { queries } from '../state/queries.ts'
import { may } from '../state/visit.ts'
import { Countdown, TimeText } from '../time/time-text.tsx'
import { AboutJob } from './job/about.tsx'
import { DeleteDialog, PauseDialog, TriggerDialog } from './job/dialogs.tsx'
import { JobLedger } from './job/ledger.tsx'
import { Versions } from './job/versions.tsx'
import { Why } from './job/why.tsx'

type Open = 'trigger' | 'pause' | 'delete' | 'why' | null

export function JobView({ id, tab }: { readonly id: string; readonly tab: string }) {
  const job = useQuery({
    queryKey: ['job', id, 'job'],
    queryFn: () => carillon.jobs.get(id),
    placeholderData: keepPreviousData,
  })
  return <Answer of={job}>{(data) => <Known job={data} tab={tab} />}</Answer>
}

function Known({ job, tab }: { readonly job: Job; readonly tab: string }) {
  const [, go] = useLocation()
  const [open, setOpen] = useState<Open>(null)
  const base = `/jobs/${job.id}`
  const resume = async (): Promise<void> => {
    try {
      await carillon.jobs.resume(job.id)
      say(`${job.name} goes on.`)
      void queries.invalidateQueries({ queryKey: ['job', job.id] })
    } catch (error) {
      sayWrong(error)
    }
  }
  const here: Deed[] = [
    { label: 'Why did it ring, or not?', run: () => setOpen('why') },
    ...(may('runs:write') ? [{ label: 'Run it now', run: () => setOpen('trigger') }] : []),
    ...(may('jobs:write')
      ? [
          job.status === 'paused'
            ? { label: 'Resume it', run: () => void resume() }
            : { label: 'Pause it', run: () => setOpen('pause') },
          { label: 'Edit it', run: () => go(`${base}/edit`) },
          { label: 'Delete it', run: () => setOpen('delete') },
        ]
      : []),
  ]
  useEffect(() => {
    document.title = `${job.name} · Carillon`
    deeds.value = here
    return () => {
      deeds.value = []
    }
  }, [job.id, job.status, job.name])
  const tabs = [
    [base, 'About'],
    [`${base}/ledger`, 'Ledger'],
    [`${base}/versions`, 'Versions'],
    ...(may('jobs:write') ? ([[`${base}/edit`, 'Edit']] as const) : []),
  ] as const
  return (
    <div class="stack">
      <div class="page-head">
        <div class="about">
          <h1>{job.name}</h1>
          <div class="row">
            <Status of={job.status} big />
            {job.nextDueAt !== null && job.status === 'active' && (
              <span>
                next <TimeText at={job.nextDueAt} zone={job.schedule.timezone} />{' '}
                <span class="soft">
                  (<Countdown at={job.nextDueAt} />)
                </span>
              </span>
            )}
            {Object.entries(job.labels).map(([name, value]) => (
              <span key={name} class="chip">
                {name}={value}
              </span>
            ))}
          </div>
          {job.description !== null && <p class="soft">{job.description}</p>}
        </div>
        <div class="row">
          <button type="button" class="button" onClick={() => setOpen('why')}>
            <Glyph name="unknown" />
            Why?
          </button>
          {may('runs:write') && (
            <button type="button" class="button primary" onClick={() => setOpen('trigger')}>
              <Glyph name="bell" />
              Run now
            </button>
          )}
          {may('jobs:write') &&
            (job.status === 'paused' ? (
              <button type="button" class="button" onClick={() => void resume()}>
                <Glyph name="active" />
                Resume
              </button>
            ) : (
              <button
                type="button"
                class="button"
                disabled={job.status === 'finished'}
                onClick={() => setOpen('pause')}
              >
                <Glyph name="paused" />
                Pause
              </button>
            ))}
          {may('jobs:write') && (
            <button type="button" class="button danger" onClick={() => setOpen('delete')}>
              Delete
            </button>
          )}
        </div>
      </div>
      {job.pause !== null && (
        <Notice tone="warn">
          Paused by {job.pause.by} since <TimeText at={job.pause.at} zone={job.schedule.timezone} />
          {job.pause.until === null ? (
            ', until someone resumes it.'
          ) : (
            <>
              , until <TimeText at={job.pause.until} zone={job.schedule.timezone} />.
            </>
          )}
          {job.pause.note !== null && <p>“{job.pause.note}”</p>}
        </Notice>
      )}
      <Tabs at={tab === 'about' ? base : `${base}/${tab}`} tabs={tabs} label="Parts of the job" />
      {tab === 'about' && <AboutJob job={job} />}
      {tab === 'ledger' && <JobLedger job={job} />}
      {tab === 'versions' && <Versions job={job} />}
      {tab === 'edit' && (
        <JobEditor
          key={job.version}
          start={draftOf(job)}
          action="Save as a new version"
          checker={{
            of: job.id,
            ask: (draft, options) => carillon.jobs.checkEdit(job.id, draft, options),
          }}
          onSave={async (draft) => {
            const saved = await carillon.jobs.replace(job.id, draft, { ifVersion: job.version })
            say(`Version ${saved.version} of ${saved.name} is in force.`)
            await queries.invalidateQueries({ queryKey: ['job', job.id] })
            go(base)
          }}
          onLeave={() => go(base)}
        />
      )}
      {open === 'trigger' && <TriggerDialog job={job} onClose={() => setOpen(null)} />}
      {open === 'pause' && <PauseDialog job={job} onClose={() => setOpen(null)} />}
      {open === 'delete' && <DeleteDialog job={job} onClose={() => setOpen(null)} />}
      {open === 'why' && <Why job={job} onClose={() => setOpen(null)} />}
    </div>
  )
}
