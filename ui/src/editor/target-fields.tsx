// What to run. The form knows HTTP, command lines and messages; every other target is written as the document has it.

import { useState } from 'preact/hooks'
import type { HttpTarget, Problem, Target } from '../../../src/sdk/index.ts'
import { Field } from '../parts/field.tsx'
import { TextField } from '../parts/text-field.tsx'
import { withField } from './draft.ts'
import { bodyOf, bodyText, headerLines, headersOf, LinesField } from './lines-field.tsx'
import { MessageFields } from './message-fields.tsx'
import { wrongAt } from './wrong-at.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

type Props = {
  readonly target: Target
  readonly problems: readonly Problem[]
  readonly onChange: (target: Target) => void
}

const KINDS: readonly (readonly [string, () => Target])[] = [
  ['HTTP call', () => ({ http: { url: '' } })],
  ['Command', () => ({ command: { shell: '' } })],
  ['Message', () => ({ message: { queue: '' } })],
]

export function TargetFields(props: Props) {
  const kind = kindOf(props.target)
  return (
    <div class="stack tight">
      <fieldset class="switcher" aria-label="Kind of target">
        {KINDS.map(([name, start]) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === kind}
            onClick={() => name !== kind && props.onChange(start())}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <KindFields key={kind} {...props} />
    </div>
  )
}

function kindOf(target: Target): string | null {
  if ('http' in target) return 'HTTP call'
  if ('message' in target) return 'Message'
  return 'command' in target ? 'Command' : null
}

function KindFields({ target, problems, onChange }: Props) {
  if ('command' in target && target.command?.shell !== undefined) {
    const { command } = target
    return (
      <LinesField
        label="Command line"
        hint="Run by a shell on an agent. More of it (environment, user, agents) in the document."
        lines={command.shell ?? ''}
        wrong={wrongAt(problems, '/target/command')}
        onLines={(shell) => onChange({ command: { ...command, shell } })}
      />
    )
  }
  if ('message' in target && target.message !== undefined) {
    return (
      <MessageFields
        message={target.message}
        problems={problems}
        onChange={(message) => onChange({ message })}
      />
    )
  }
  if (!('http' in target) || target.http === undefined)
    return <OtherTarget target={target} problems={problems} onChange={onChange} />
  const { http } = target
  const set = (name: keyof HttpTarget, value: unknown): void =>
    onChange({ http: withField(http, name, value) })
  return (
    <div class="stack tight">
      <div class="url-line">
        <Field label="Method">
          {(ids) => (
            <select
              {...ids}
              value={http.method ?? ''}
              onChange={(event) => set('method', event.currentTarget.value)}
            >
              <option value="">{http.body === undefined ? 'GET' : 'POST'} (default)</option>
              {METHODS.map((method) => (
                <option key={method}>{method}</option>
              ))}
            </select>
          )}
        </Field>
        <TextField
          label="URL"
          wrong={wrongAt(problems, '/target/http/url')}
          type="text"
          inputMode="url"
          spellcheck={false}
          placeholder="https://example.com/ping"
          value={http.url}
          onText={(text) => onChange({ http: { ...http, url: text } })}
        />
      </div>
      <details open={http.body !== undefined || http.headers !== undefined || http.async !== undefined}>
        <summary>Headers, body, what counts as success</summary>
        <div class="form-grid">
          <LinesField
            label="Headers"
            hint="One a line: Name: value"
            lines={headerLines(http.headers)}
            wrong={wrongAt(problems, '/target/http/headers')}
            onLines={(lines) => set('headers', headersOf(lines))}
          />
          <LinesField
            label="Body"
            hint="JSON is sent as JSON, anything else as text."
            lines={bodyText(http.body)}
            wrong={wrongAt(problems, '/target/http/body')}
            onLines={(text) => set('body', bodyOf(text))}
          />
          <TextField
            label="Deadline of one attempt"
            hint="30s, 2m"
            wrong={wrongAt(problems, '/target/http/timeout')}
            value={http.timeout ?? ''}
            onText={(text) => set('timeout', text)}
          />
          <Field label="When it is done" wrong={wrongAt(problems, '/target/http/async')}>
            {(ids) => (
              <select
                {...ids}
                value={http.async === true ? 'later' : 'answer'}
                onChange={(event) => set('async', event.currentTarget.value === 'later' ? true : undefined)}
              >
                <option value="answer">when it is answered</option>
                <option value="later">after a 202: when the receiver says so</option>
              </select>
            )}
          </Field>
          <TextField
            label="Accepted statuses"
            hint="2xx, 404, 200-204. Left empty: 2xx."
            wrong={wrongAt(problems, '/target/http/acceptStatus')}
            value={(http.acceptStatus ?? []).join(', ')}
            whole
            onText={(text) => set('acceptStatus', patternsOf(text))}
          />
        </div>
      </details>
    </div>
  )
}

function OtherTarget({ target, problems, onChange }: Props) {
  const [wrong, setWrong] = useState<string | undefined>(undefined)
  const read = (text: string): void => {
    try {
      onChange(JSON.parse(text) as Target)
      setWrong(undefined)
    } catch (error) {
      setWrong((error as Error).message)
    }
  }
  return (
    <LinesField
      label="Target"
      hint="As in the document of the job, JSON."
      lines={JSON.stringify(target, null, 2)}
      wrong={wrong ?? wrongAt(problems, '/target')}
      onLines={read}
    />
  )
}

function patternsOf(text: string): (number | string)[] | undefined {
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  if (words.length === 0) return undefined
  return words.map((word) => (/^\d+$/.test(word) ? Number(word) : word))
}
