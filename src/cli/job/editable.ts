// What of a job can be edited: its definition, without what the server keeps about it.

import type { Job, JobDraft } from '../../sdk/index.ts'

export function editableOf({ name, description, labels, schedule, target, policy, callback }: Job): JobDraft {
  return { name, description, labels, schedule, target, policy, callback }
}

/** Its head explains the form to whoever edits it, and is left out when it is read again. */
export function editText(job: Job, yaml: string): string {
  return [
    `# ${job.name.replaceAll(/\p{Cc}/gu, ' ')}, version ${job.version}. Save and close to change the job; an unchanged or empty file changes nothing.`,
    '# Fields: docs/schedules.md and the API reference at /docs of the server.',
    yaml,
  ].join('\n')
}
