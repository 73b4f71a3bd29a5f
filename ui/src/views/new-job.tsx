// A new job: from nothing, or of a script that is named in the address.

import { useLocation } from 'wouter-preact'
import type { JobDraft } from '../../../src/sdk/index.ts'
import { JobEditor } from '../editor/job-editor.tsx'
import { say } from '../parts/toasts.tsx'
import { carillon } from '../state/client.ts'
import { type Address, useAddress } from '../state/use-address.ts'
import { useTitle } from '../state/use-title.ts'
import { LOCAL_ZONE } from '../time/zone-mode.ts'

export function NewJobView() {
  const [, go] = useLocation()
  const address = useAddress()
  useTitle('New job')
  return (
    <div class="stack">
      <h1>New job</h1>
      <JobEditor
        start={{
          name: '',
          schedule: { cron: '0 9 * * MON-FRI', timezone: LOCAL_ZONE },
          ...startOf(address),
        }}
        action="Create the job"
        checker={{ of: 'new', ask: (draft, options) => carillon.jobs.check(draft, options) }}
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

function startOf({ get }: Address): Pick<JobDraft, 'target' | 'project'> {
  const [sha256, project] = [get('script'), get('project')]
  const inProject = project === null ? {} : { project }
  if (sha256 === null) return { ...inProject, target: { http: { url: '' } } }
  return { ...inProject, target: { script: { sha256, interpreter: get('interpreter') ?? 'bash' } } }
}
