// A message to the bus: where it goes, what is in it, and who says that the run is done.

import { useState } from 'preact/hooks'
import type { MessageTarget, Problem } from '../../../src/sdk/index.ts'
import { Field } from '../parts/field.tsx'
import { TextField } from '../parts/text-field.tsx'
import { withField } from './draft.ts'
import { bodyOf, bodyText, headerLines, headersOf, LinesField } from './lines-field.tsx'
import { wrongAt } from './wrong-at.ts'

type Props = {
  readonly message: MessageTarget
  readonly problems: readonly Problem[]
  readonly onChange: (message: MessageTarget) => void
}

const PLACES = ['queue', 'exchange', 'protocol'] as const
type Place = (typeof PLACES)[number]

const PLACE_WORDS: Readonly<Record<Place, string>> = {
  queue: 'Straight to a queue',
  exchange: 'To an exchange',
  protocol: 'To workers of Simple Scheduler',
}

export function MessageFields({ message, problems, onChange }: Props) {
  const [place, setPlace] = useState<Place>(() => placeOf(message))
  const wrong = (name: keyof MessageTarget): string | undefined =>
    wrongAt(problems, `/target/message/${name}`)
  const set = (name: keyof MessageTarget, value: unknown): void => onChange(withField(message, name, value))
  const turnTo = (next: Place): void => {
    setPlace(next)
    onChange(movedTo(next, message))
  }
  return (
    <div class="stack tight">
      <fieldset class="switcher" aria-label="Where it goes">
        {PLACES.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === place}
            onClick={() => one !== place && turnTo(one)}
          >
            {PLACE_WORDS[one]}
          </button>
        ))}
      </fieldset>
      <div class="form-grid">
        {place === 'queue' && (
          <TextField
            label="Queue"
            hint="One that is there: without a queue that takes it, the run fails."
            wrong={wrong('queue') ?? wholeWrong(problems)}
            class="mono"
            spellcheck={false}
            value={message.queue ?? ''}
            onText={(text) => onChange({ ...message, queue: text })}
          />
        )}
        {place === 'exchange' && (
          <>
            <TextField
              label="Exchange"
              wrong={wrong('exchange') ?? wholeWrong(problems)}
              class="mono"
              spellcheck={false}
              value={message.exchange ?? ''}
              onText={(text) => onChange({ ...message, exchange: text })}
            />
            <TextField
              label="Routing key"
              hint="Facts of the run are filled in: day.{{run.dueAt}}"
              wrong={wrong('routingKey')}
              class="mono"
              spellcheck={false}
              value={message.routingKey ?? ''}
              onText={(text) => set('routingKey', text)}
            />
          </>
        )}
        {place !== 'protocol' && (
          <Field label="The run is done when" wrong={wrong('finish')}>
            {(ids) => (
              <select
                {...ids}
                value={message.finish ?? 'confirm'}
                onChange={(event) => onChange(finishedBy(event.currentTarget.value, message))}
              >
                <option value="confirm">the bus has the message</option>
                <option value="status">its worker says so</option>
              </select>
            )}
          </Field>
        )}
        {(place === 'protocol' || message.finish === 'status') && (
          <TextField
            label="A worker begins within"
            hint="30s, 5m. Left empty: no bound but the timeout of the attempt."
            wrong={wrong('startTimeout')}
            value={message.startTimeout ?? ''}
            onText={(text) => set('startTimeout', text)}
          />
        )}
        <LinesField
          label="Headers"
          hint="One a line: Name: value"
          lines={headerLines(message.headers)}
          wrong={wrong('headers')}
          onLines={(lines) => set('headers', headersOf(lines))}
        />
        {place !== 'protocol' && (
          <LinesField
            label="Body"
            hint="JSON is sent as JSON, anything else as text. Left empty: the facts of the run."
            lines={bodyText(message.body)}
            wrong={wrong('body')}
            onLines={(text) => set('body', bodyOf(text))}
          />
        )}
      </div>
    </div>
  )
}

function placeOf({ protocol, exchange }: MessageTarget): Place {
  if (protocol !== undefined) return 'protocol'
  return exchange === undefined ? 'queue' : 'exchange'
}

/** What only the other places know is left behind. */
function movedTo(place: Place, message: MessageTarget): MessageTarget {
  const { queue: _queue, exchange: _exchange, routingKey: _key, protocol: _protocol, ...rest } = message
  if (place === 'queue') return { ...rest, queue: '' }
  if (place === 'exchange') return { ...rest, exchange: '' }
  const { body: _body, finish: _finish, ...most } = rest
  return { ...most, protocol: 'simple-scheduler' }
}

function finishedBy(finish: string, message: MessageTarget): MessageTarget {
  if (finish === 'status') return { ...message, finish }
  const { finish: _finish, startTimeout: _startTimeout, ...rest } = message
  return rest
}

function wholeWrong(problems: readonly Problem[]): string | undefined {
  return problems.find(({ pointer }) => pointer === '/target/message')?.detail
}
