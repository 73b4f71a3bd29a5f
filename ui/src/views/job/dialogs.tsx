// What one asks before it is done to a job.

import { useState } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import { type Job, newIdempotencyKey } from '../../../../src/sdk/index.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { say } from '../../parts/toasts.tsx'
import { carillon } from '../../state/client.ts'
import { queries } from '../../state/queries.ts'

type Props = { readonly job: Job; readonly onClose: () => void }

export function TriggerDialog({ job, onClose }: Props) {
  const [, go] = useLocation()
  const [text, setText] = useState('')
  const [key] = useState(newIdempotencyKey)
  const run = async (): Promise<void> => {
    const params = text.trim() === '' ? {} : { params: parametersOf(text) }
    const force = job.status === 'paused' ? { force: true } : {}
    const made = await carillon.jobs.trigger(job.id, { ...params, ...force }, { idempotencyKey: key })
    go(`/runs/${made.id}`)
  }
  return (
    <Dialog title={`Run ${job.name} now`} onClose={onClose} act={{ label: 'Run it', run }}>
      {job.status === 'paused' && <p>It is paused. This one run starts all the same.</p>}
      <Field label="Parameters" hint="Sent in place of the target’s body. JSON, or text. May be left empty.">
        {(ids) => (
          <textarea
            {...ids}
            rows={5}
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
    </Dialog>
  )
}

function parametersOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const LENGTHS: readonly (readonly [string, number | null])[] = [
  ['until someone resumes it', null],
  ['for an hour', 3_600_000],
  ['for 4 hours', 4 * 3_600_000],
  ['for a day', 86_400_000],
  ['for a week', 7 * 86_400_000],
]

export function PauseDialog({ job, onClose }: Props) {
  const [length, setLength] = useState('')
  const [until, setUntil] = useState('')
  const [note, setNote] = useState('')
  const run = async (): Promise<void> => {
    const end =
      length === 'at'
        ? new Date(until).toISOString()
        : length === ''
          ? null
          : new Date(Date.now() + Number(length)).toISOString()
    await carillon.jobs.pause(job.id, {
      ...(end === null ? {} : { until: end }),
      ...(note.trim() === '' ? {} : { note }),
    })
    say(`${job.name} is paused.`)
    await queries.invalidateQueries({ queryKey: ['job', job.id] })
  }
  return (
    <Dialog title={`Pause ${job.name}`} onClose={onClose} act={{ label: 'Pause it', run }}>
      <p class="soft">Nothing new starts; what is under way goes on.</p>
      <Field label="How long">
        {(ids) => (
          <select {...ids} value={length} onChange={(event) => setLength(event.currentTarget.value)}>
            {LENGTHS.map(([label, ms]) => (
              <option key={label} value={ms === null ? '' : String(ms)}>
                {label}
              </option>
            ))}
            <option value="at">until …</option>
          </select>
        )}
      </Field>
      {length === 'at' && (
        <TextField
          label="Until, in your local time"
          type="datetime-local"
          required
          value={until}
          onText={setUntil}
        />
      )}
      <TextField
        label="Note"
        hint="Why, for whoever finds it paused."
        maxLength={2_000}
        value={note}
        onText={setNote}
      />
    </Dialog>
  )
}

export function DeleteDialog({ job, onClose }: Props) {
  const [, go] = useLocation()
  const [typed, setTyped] = useState('')
  const run = async (): Promise<void> => {
    if (typed !== job.name) throw new Error('That is not its name.')
    await carillon.jobs.delete(job.id)
    say(`${job.name} is deleted.`)
    go('/jobs')
  }
  return (
    <Dialog title={`Delete ${job.name}`} onClose={onClose} act={{ label: 'Delete it', danger: true, run }}>
      <p>
        Runs that wait end as missed, those under way may finish. Its ledger stays until retention forgets it.
      </p>
      <TextField label="Type its name to delete it" autocomplete="off" value={typed} onText={setTyped} />
    </Dialog>
  )
}
