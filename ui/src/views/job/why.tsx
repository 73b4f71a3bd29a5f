// Why did it ring, or not? About the last instant, or any other.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { Job } from '../../../../src/sdk/index.ts'
import { Answer } from '../../parts/answer.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { carillon } from '../../state/client.ts'
import { TimeText } from '../../time/time-text.tsx'

type Props = { readonly job: Job; readonly at?: string; readonly onClose: () => void }

export function Why({ job, at: first, onClose }: Props) {
  const [at, setAt] = useState<string | undefined>(first)
  const why = useQuery({
    queryKey: ['job', job.id, 'why', at ?? 'last'],
    queryFn: () => carillon.jobs.why(job.id, at),
    placeholderData: keepPreviousData,
  })
  const zone = job.schedule.timezone
  return (
    <Dialog title="Why?" onClose={onClose}>
      <Field label="At, in your local time" hint="Left empty: the last time it was due.">
        {(ids) => (
          <input
            {...ids}
            type="datetime-local"
            step={1}
            onChange={(event) => {
              const { value } = event.currentTarget
              setAt(value === '' ? undefined : new Date(value).toISOString())
            }}
          />
        )}
      </Field>
      <Answer of={why}>
        {({ at: instant, answer, facts, run, previous, next, due }) => (
          <div class="stack tight">
            <p class="soft">
              <TimeText at={instant} zone={zone} /> {due ? 'was a due instant.' : 'was no due instant.'}
            </p>
            <p class="why-answer">{answer}</p>
            {facts.length > 0 && (
              <ul class="facts-list">
                {facts.map((fact) => (
                  <li key={fact}>{fact}</li>
                ))}
              </ul>
            )}
            <div class="row">
              {run !== null && <Link href={`/runs/${run.id}`}>Look at the run</Link>}
              {previous !== null && (
                <button type="button" class="button small" onClick={() => setAt(previous)}>
                  before: <TimeText at={previous} zone={zone} />
                </button>
              )}
              {next !== null && (
                <button type="button" class="button small" onClick={() => setAt(next)}>
                  after: <TimeText at={next} zone={zone} />
                </button>
              )}
            </div>
          </div>
        )}
      </Answer>
    </Dialog>
  )
}
