// A job as a form and as text, the same document either way; what it means is shown while one writes.

import { useEffect, useState } from 'preact/hooks'
import type { JobDraft, Problem } from '../../../src/sdk/index.ts'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { TextField } from '../parts/text-field.tsx'
import { problemsOf, wrongText } from '../state/wrong.ts'
import { DocumentField } from './document-field.tsx'
import { draftFromText, FORMATS, type Format, type LineOf, textOf, Unreadable, withField } from './draft.ts'
import { sameAt } from './json-pointer.ts'
import { PolicyFields } from './policy-fields.tsx'
import { Preview } from './preview.tsx'
import { ScheduleFields } from './schedule-fields.tsx'
import { TargetFields } from './target-fields.tsx'
import { type Checker, stillTrue, type Told, useCheck } from './use-check.ts'
import { wrongAt } from './wrong-at.ts'

type Props = {
  readonly start: JobDraft
  readonly action: string
  readonly checker: Checker
  readonly onSave: (draft: JobDraft) => Promise<void>
  readonly onLeave: () => void
}

type Mode = 'form' | Format

export function JobEditor({ start, action, checker, onSave, onLeave }: Props) {
  const [draft, setDraft] = useState(start)
  const [mode, setMode] = useState<Mode>('form')
  const [text, setText] = useState('')
  const [lineOf, setLineOf] = useState<LineOf>(() => () => 1)
  const [unread, setUnread] = useState<Unreadable | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [refused, setRefused] = useState<Told | null>(null)
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const check = useCheck(checker, start, draft)

  const problems = all(stillTrue(refused, draft), stillTrue(check.told, draft))
  // What saving was refused for holds until there is a later answer.
  useEffect(() => {
    if (check.current && refused !== null && !sameAt(refused.about, draft, '')) setRefused(null)
  }, [check.current, draft])
  const shown =
    tried || mode !== 'form' ? problems : problems.filter(({ pointer }) => !sameAt(start, draft, pointer))

  const change = (next: JobDraft): void => {
    setDraft(next)
    setError(null)
  }
  const read = async (from: string): Promise<JobDraft | null> => {
    try {
      const { draft: next, lineOf: places } = await draftFromText(from)
      setLineOf(() => places)
      setUnread(null)
      return next
    } catch (wrong) {
      setUnread(wrong instanceof Unreadable ? wrong : new Unreadable(wrongText(wrong), 1))
      return null
    }
  }
  const write = async (next: string): Promise<void> => {
    setText(next)
    const written = await read(next)
    if (written !== null) change(written)
  }
  const turnTo = async (next: Mode): Promise<void> => {
    if (unread !== null) return
    if (next !== 'form') {
      const written = await textOf(draft, next)
      setText(written)
      await read(written)
    }
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
      setTried(true)
      setError(wrong)
      setRefused({ about: draft, problems: problemsOf(wrong) })
    } finally {
      setBusy(false)
    }
  }
  const elsewhere = mode === 'form' ? shown.filter(({ pointer }) => !SHOWN.test(pointer)) : []
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
          <FormFields draft={draft} problems={shown} onChange={change} />
        ) : (
          <Panel title={`The job as ${mode.toUpperCase()}`}>
            <DocumentField
              text={text}
              wrongs={
                unread === null
                  ? shown.map(({ pointer, detail }) => ({ line: lineOf(pointer), pointer, detail }))
                  : [{ line: unread.line, pointer: '', detail: unread.message }]
              }
              onText={(next) => void write(next)}
            />
          </Panel>
        )}
        <Refused error={error} problems={elsewhere} />
        <div class="row">
          <button type="submit" class="button primary" disabled={busy || unread !== null}>
            {action}
          </button>
          <button type="button" class="button" onClick={onLeave}>
            Leave it
          </button>
          <Verdict check={check} shown={shown} missing={problems.length > shown.length} />
        </div>
      </div>
      <aside>
        <Panel title="What it means">
          <Preview
            schedule={typeof draft.schedule === 'object' && draft.schedule !== null ? draft.schedule : {}}
            further={check.told?.warnings ?? []}
          />
        </Panel>
      </aside>
    </form>
  )
}

type VerdictProps = {
  readonly check: ReturnType<typeof useCheck>
  readonly shown: readonly Problem[]
  readonly missing: boolean
}

/** What the server thinks of it, in a line: read out when it changes. */
function Verdict({ check, shown, missing }: VerdictProps) {
  return (
    <p class="soft small" role="status">
      {check.long
        ? 'So long a document is checked when it is saved.'
        : check.error !== null
          ? `Not checked: ${wrongText(check.error)}`
          : shown.length > 0
            ? `To be mended: ${[...new Set(shown.map(({ pointer }) => pointer || 'the job'))].join(', ')}`
            : check.told === null || !check.current
              ? ''
              : missing
                ? 'So far so good; something is still missing.'
                : 'The server would accept it.'}
    </p>
  )
}

/** Each once. */
function all(...lists: readonly (readonly Problem[])[]): readonly Problem[] {
  const each = new Map(lists.flat().map((problem) => [problem.pointer + problem.detail, problem]))
  return [...each.values()]
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
          <TextField
            label="Name"
            wrong={wrongAt(problems, '/name')}
            required
            maxLength={200}
            value={draft.name}
            onText={(text) => onChange({ ...draft, name: text })}
          />
          <TextField
            label="Description"
            wrong={wrongAt(problems, '/description')}
            maxLength={2_000}
            value={draft.description ?? ''}
            onText={(text) => onChange(withField(draft, 'description', text))}
          />
          <TextField
            label="Labels"
            hint="team=billing, tier=1"
            wrong={wrongAt(problems, '/labels')}
            value={labels}
            whole
            onText={(text) => onChange(withField(draft, 'labels', labelsOf(text)))}
          />
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
        <TextField
          label="Callback URL"
          hint="Receives a POST when a run has ended. Left empty: nobody."
          wrong={wrongAt(problems, '/callback')}
          inputMode="url"
          placeholder="https://ops.example.com/told"
          value={draft.callback?.url ?? ''}
          onText={(text) =>
            onChange(withField(draft, 'callback', text === '' ? undefined : { ...draft.callback, url: text }))
          }
        />
      </Panel>
    </>
  )
}

/** In the form each of these stands beside its field. */
const SHOWN =
  /^\/(?:name|description|labels|callback|schedule\/(?:cron|every|at|timezone|from|until|maxRuns)|target\/http\/(?:url|headers|body|timeout|acceptStatus|async)|target\/command|target\/message(?:$|\/(?:queue|exchange|routingKey|headers|body|finish|startTimeout))|policy\/(?:overlap|catchUp|retry|timeout|startWithin|delivery|onResume|keep))/

function Refused({ error, problems }: { readonly error: unknown; readonly problems: readonly Problem[] }) {
  if (error === null && problems.length === 0) return null
  return (
    <Notice tone="bad">
      {error !== null &&
        (problemsOf(error).length === 0
          ? wrongText(error)
          : problems.length === 0
            ? 'Not saved: see above.'
            : null)}
      {problems.map(({ pointer, detail }) => (
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
