// A job as a form and as text, the same document either way; what it means is shown while one writes.

import { useState } from 'preact/hooks'
import type { JobDraft, Problem } from '../../../src/sdk/index.ts'
import { Field } from '../parts/field.tsx'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { problemsOf, wrongText } from '../state/wrong.ts'
import { draftFromText, FORMATS, type Format, textOf, withField } from './draft.ts'
import { PolicyFields } from './policy-fields.tsx'
import { Preview } from './preview.tsx'
import { ScheduleFields } from './schedule-fields.tsx'
import { TargetFields } from './target-fields.tsx'
import { wrongAt } from './wrong-at.ts'

type Props = {
  readonly start: JobDraft
  readonly action: string
  readonly onSave: (draft: JobDraft) => Promise<void>
  readonly onLeave: () => void
}

type Mode = 'form' | Format

export function JobEditor({ start, action, onSave, onLeave }: Props) {
  const [draft, setDraft] = useState(start)
  const [mode, setMode] = useState<Mode>('form')
  const [text, setText] = useState('')
  const [unread, setUnread] = useState<string | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const problems = problemsOf(error)

  const change = (next: JobDraft): void => {
    setDraft(next)
    setError(null)
  }
  const write = async (next: string): Promise<void> => {
    setText(next)
    try {
      change(await draftFromText(next))
      setUnread(null)
    } catch (wrong) {
      setUnread(wrongText(wrong))
    }
  }
  const turnTo = async (next: Mode): Promise<void> => {
    if (unread !== null) return
    if (next !== 'form') setText(await textOf(draft, next))
    setMode(next)
  }
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (busy || unread !== null) return
    setBusy(true)
    setError(null)
    try {
      await onSave(draft)
    } catch (wrong) {
      setError(wrong)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form class="editor" onSubmit={(event) => void save(event)}>
      <div class="stack">
        <div class="row spread">
          <fieldset class="switcher" aria-label="Write it as">
            {(['form', ...FORMATS] as const).map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={mode === one}
                disabled={unread !== null && one !== mode}
                onClick={() => void turnTo(one)}
              >
                {one === 'form' ? 'Form' : one.toUpperCase()}
              </button>
            ))}
          </fieldset>
        </div>
        {mode === 'form' ? (
          <FormFields draft={draft} problems={problems} onChange={change} />
        ) : (
          <Panel title={`The job as ${mode.toUpperCase()}`}>
            <Field
              label="Document"
              wrong={unread ?? undefined}
              hint="The same document that the API and carillon job create -f take."
            >
              {(ids) => (
                <textarea
                  {...ids}
                  class="document"
                  rows={24}
                  spellcheck={false}
                  value={text}
                  onInput={(event) => void write(event.currentTarget.value)}
                />
              )}
            </Field>
          </Panel>
        )}
        {error !== null && <Refused error={error} problems={problems} all={mode !== 'form'} />}
        <div class="row">
          <button type="submit" class="button primary" disabled={busy || unread !== null}>
            {action}
          </button>
          <button type="button" class="button" onClick={onLeave}>
            Leave it
          </button>
        </div>
      </div>
      <aside>
        <Panel title="What it means">
          <Preview
            schedule={typeof draft.schedule === 'object' && draft.schedule !== null ? draft.schedule : {}}
          />
        </Panel>
      </aside>
    </form>
  )
}

type FormProps = {
  readonly draft: JobDraft
  readonly problems: readonly Problem[]
  readonly onChange: (draft: JobDraft) => void
}

function FormFields({ draft, problems, onChange }: FormProps) {
  const labels = Object.entries(draft.labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
  return (
    <>
      <Panel title="What it is called">
        <div class="form-grid">
          <Field label="Name" wrong={wrongAt(problems, '/name')}>
            {(ids) => (
              <input
                {...ids}
                required
                maxLength={200}
                value={draft.name}
                onInput={(event) => onChange({ ...draft, name: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label="Description" wrong={wrongAt(problems, '/description')}>
            {(ids) => (
              <input
                {...ids}
                maxLength={2_000}
                value={draft.description ?? ''}
                onInput={(event) => onChange(withField(draft, 'description', event.currentTarget.value))}
              />
            )}
          </Field>
          <Field label="Labels" hint="team=billing, tier=1" wrong={wrongAt(problems, '/labels')}>
            {(ids) => (
              <input
                {...ids}
                value={labels}
                onChange={(event) =>
                  onChange(withField(draft, 'labels', labelsOf(event.currentTarget.value)))
                }
              />
            )}
          </Field>
        </div>
      </Panel>
      <Panel title="When">
        <ScheduleFields
          schedule={draft.schedule}
          problems={problems}
          onChange={(schedule) => onChange({ ...draft, schedule })}
        />
      </Panel>
      <Panel title="What">
        <TargetFields
          target={draft.target}
          problems={problems}
          onChange={(target) => onChange({ ...draft, target })}
        />
      </Panel>
      <Panel title="Under which rules">
        <PolicyFields
          policy={draft.policy ?? {}}
          problems={problems}
          onChange={(policy) =>
            onChange(withField(draft, 'policy', Object.keys(policy).length === 0 ? undefined : policy))
          }
        />
      </Panel>
      <Panel title="Who is told">
        <Field
          label="Callback URL"
          hint="Receives a POST when a run has ended. Left empty: nobody."
          wrong={wrongAt(problems, '/callback')}
        >
          {(ids) => (
            <input
              {...ids}
              inputMode="url"
              placeholder="https://ops.example.com/told"
              value={draft.callback?.url ?? ''}
              onInput={(event) =>
                onChange(
                  withField(
                    draft,
                    'callback',
                    event.currentTarget.value === ''
                      ? undefined
                      : { ...draft.callback, url: event.currentTarget.value },
                  ),
                )
              }
            />
          )}
        </Field>
      </Panel>
    </>
  )
}

/** In the form each problem stands beside its field; here what belongs to none of them, or all of it. */
const SHOWN =
  /^\/(?:name|description|labels|callback|schedule\/(?:cron|every|at|timezone|from|until|maxRuns)|target\/http\/(?:url|headers|body|timeout|acceptStatus|async)|target\/command|target\/message(?:$|\/(?:queue|exchange|routingKey|headers|body|finish|startTimeout))|policy\/(?:overlap|catchUp|retry|timeout|startWithin|delivery|onResume|keep))/

function Refused({
  error,
  problems,
  all,
}: {
  readonly error: unknown
  readonly problems: readonly Problem[]
  readonly all: boolean
}) {
  const rest = problems.filter(({ pointer }) => all || !SHOWN.test(pointer))
  return (
    <Notice tone="bad">
      {problems.length === 0
        ? wrongText(error)
        : rest.length === 0
          ? 'Not saved: see the fields above.'
          : null}
      {rest.map(({ pointer, detail }) => (
        <p key={pointer + detail}>
          <code>{pointer || '/'}</code> {detail}
        </p>
      ))}
    </Notice>
  )
}

function labelsOf(text: string): Record<string, string> | undefined {
  const pairs = text
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
  if (pairs.length === 0) return undefined
  return Object.fromEntries(
    pairs.map((pair) => [
      pair.split('=', 1)[0]!.trim(),
      pair.includes('=') ? pair.slice(pair.indexOf('=') + 1).trim() : '',
    ]),
  )
}
