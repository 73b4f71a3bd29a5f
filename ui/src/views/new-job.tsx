// A new job, from nothing or from another one.

import { useEffect } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import { JobEditor } from '../editor/job-editor.tsx'
import { say } from '../parts/toasts.tsx'
import { carillon } from '../state/client.ts'
import { LOCAL_ZONE } from '../time/zone-mode.ts'

export function NewJobView() {
  const [, go] = useLocation()
  useEffect(() => {
    document.title = 'New job · Carillon'
  }, [])
  return (
    <div class="stack">
      <h1>New job</h1>
      <JobEditor
        start={{
          name: '',
          schedule: { cron: '0 9 * * MON-FRI', timezone: LOCAL_ZONE },
          target: { http: { url: '' } },
        }}
        action="Create the job"
        onSave={async (draft) => {
          const job = await carillon.jobs.create(draft)
          say(`${job.name} is accepted.`)
          go(`/jobs/${job.id}`)
        }}
        onLeave={() => go('/jobs')}
      />
    </div>
  )
}
