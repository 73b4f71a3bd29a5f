// Every definition the job has or had: what changed, and back to any of them.

import { useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import type { Job, JobVersion } from '../../../../src/sdk/index.ts'
import { draftOf } from '../../editor/draft.ts'
import { Answer } from '../../parts/answer.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Panel } from '../../parts/panel.tsx'
import { say } from '../../parts/toasts.tsx'
import { carillon } from '../../state/client.ts'
import { queries } from '../../state/queries.ts'
import { may } from '../../state/visit.ts'
import { TimeText } from '../../time/time-text.tsx'
import { type DiffLine, lineDiff } from './line-diff.ts'
import { masked } from './masked.ts'

export function Versions({ job }: { readonly job: Job }) {
  const versions = useQuery({
    queryKey: ['job', job.id, 'versions'],
    queryFn: () => carillon.jobs.versions(job.id),
  })
  const [back, setBack] = useState<JobVersion | null>(null)
  return (
    <Answer of={versions}>
      {(items) => {
        const newest = items.toSorted((a, b) => b.version - a.version)
        return (
          <div class="stack">
            {newest.map((version, n) => (
              <Panel
                key={version.version}
                title={`Version ${version.version}${version.version === job.version ? ', in force' : ''}`}
                aside={
                  <span class="row">
                    <span class="soft small">
                      <TimeText at={version.createdAt} zone={job.schedule.timezone} /> by{' '}
                      <code>{version.createdBy}</code>
                    </span>
                    {version.version !== job.version && may('jobs:write') && (
                      <button type="button" class="button small" onClick={() => setBack(version)}>
                        Restore
                      </button>
                    )}
                  </span>
                }
              >
                <Diff lines={lineDiff(textOf(newest[n + 1]), textOf(version))} />
              </Panel>
            ))}
            {back !== null && (
              <Dialog
                title={`Restore version ${back.version}`}
                onClose={() => setBack(null)}
                act={{
                  label: 'Restore it as a new version',
                  run: async () => {
                    const saved = await carillon.jobs.replace(job.id, draftOf(back), {
                      ifVersion: job.version,
                    })
                    say(`Version ${saved.version} is in force.`)
                    await queries.invalidateQueries({ queryKey: ['job', job.id] })
                  },
                }}
              >
                <p class="soft">What changes from the version in force:</p>
                <Diff lines={lineDiff(textOf(job), textOf(back))} />
              </Dialog>
            )}
          </div>
        )
      }}
    </Answer>
  )
}

function textOf(version: Job | JobVersion | undefined): string {
  return version === undefined ? '' : JSON.stringify(masked(draftOf(version)), null, 2)
}

function Diff({ lines }: { readonly lines: readonly DiffLine[] }) {
  return (
    <pre class="code diff">
      {lines.map(({ kind, text }, n) => (
        <span key={n} data-kind={kind}>
          {kind === 'added' ? '+ ' : kind === 'gone' ? '− ' : '  '}
          {text}
          {'\n'}
        </span>
      ))}
    </pre>
  )
}
