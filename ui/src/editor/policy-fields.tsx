// Under which rules.

import type { Policy, Problem } from '../../../src/sdk/index.ts'
import { Field } from '../parts/field.tsx'
import { TextField } from '../parts/text-field.tsx'
import { withField } from './draft.ts'
import { wrongAt } from './wrong-at.ts'

type Props = {
  readonly policy: Policy
  readonly problems: readonly Problem[]
  readonly onChange: (policy: Policy) => void
}

type Choice = readonly [value: string, label: string]

const OVERLAP: readonly Choice[] = [
  ['', 'skip it (default)'],
  ['queue', 'queue it'],
  ['allow', 'run both'],
  ['replace', 'replace the old one'],
]
const CATCH_UP: readonly Choice[] = [
  ['', 'run the latest (default)'],
  ['none', 'run none'],
  ['all', 'run all of them'],
]
const DELIVERY: readonly Choice[] = [
  ['', 'at least once (default)'],
  ['at_most_once', 'at most once: else unknown'],
]
const ON_RESUME: readonly Choice[] = [
  ['', 'skip (default)'],
  ['latest', 'run the latest'],
  ['all', 'run all of them'],
]

export function PolicyFields({ policy, problems, onChange }: Props) {
  const set = (name: keyof Policy, value: unknown): void => onChange(withField(policy, name, value))
  const wrong = (name: string): string | undefined => wrongAt(problems, `/policy/${name}`)
  const retries = policy.retry?.max
  return (
    <div class="form-grid">
      <Choices
        label="Due while a run is still open"
        choices={OVERLAP}
        value={modeOf(policy.overlap)}
        wrong={wrong('overlap')}
        onChange={(mode) => set('overlap', withMode(policy.overlap, mode))}
      />
      <Choices
        label="Instants that passed while nothing could ring"
        choices={CATCH_UP}
        value={modeOf(policy.catchUp)}
        wrong={wrong('catchUp')}
        onChange={(mode) => set('catchUp', withMode(policy.catchUp, mode))}
      />
      <Field
        label="Retries"
        hint={
          policy.retry?.delays === undefined
            ? 'Left empty: 3, ever longer apart.'
            : `Waits: ${policy.retry.delays.join(', ')}`
        }
        wrong={wrong('retry')}
      >
        {(ids) => (
          <input
            {...ids}
            type="number"
            min={0}
            max={100}
            disabled={policy.retry?.delays !== undefined}
            value={retries ?? ''}
            onInput={(event) => {
              const { value } = event.currentTarget
              const retry = withField(policy.retry ?? {}, 'max', value === '' ? undefined : Number(value))
              set('retry', Object.keys(retry).length === 0 ? undefined : retry)
            }}
          />
        )}
      </Field>
      <TextField
        label="Timeout of one attempt"
        hint="Left empty: 15m"
        wrong={wrong('timeout')}
        value={policy.timeout ?? ''}
        onText={(text) => set('timeout', text)}
      />
      <TextField
        label="Start within"
        hint="Later than this it is missed. Left empty: no bound."
        wrong={wrong('startWithin')}
        value={policy.startWithin ?? ''}
        onText={(text) => set('startWithin', text)}
      />
      <Choices
        label="Delivery"
        choices={DELIVERY}
        value={policy.delivery === 'at_most_once' ? 'at_most_once' : ''}
        wrong={wrong('delivery')}
        onChange={(value) => set('delivery', value)}
      />
      <Choices
        label="What a pause covered"
        choices={ON_RESUME}
        value={policy.onResume === 'skip' ? '' : (policy.onResume ?? '')}
        wrong={wrong('onResume')}
        onChange={(value) => set('onResume', value)}
      />
      <Field label="Keep ended runs, in days" hint="Left empty: the project’s rule" wrong={wrong('keep')}>
        {(ids) => (
          <input
            {...ids}
            type="number"
            min={1}
            value={policy.keep?.days ?? ''}
            onInput={(event) => {
              const keep = withField(
                policy.keep ?? {},
                'days',
                event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value),
              )
              set('keep', Object.keys(keep).length === 0 ? undefined : keep)
            }}
          />
        )}
      </Field>
    </div>
  )
}

type ChoicesProps = {
  readonly label: string
  readonly choices: readonly Choice[]
  readonly value: string
  readonly wrong: string | undefined
  readonly onChange: (value: string) => void
}

function Choices({ label, choices, value, wrong, onChange }: ChoicesProps) {
  return (
    <Field label={label} wrong={wrong}>
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {choices.map(([choice, text]) => (
            <option key={choice} value={choice}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

type Moded = string | { readonly mode: string } | undefined

function modeOf(rule: Moded): string {
  const mode = typeof rule === 'object' ? rule.mode : (rule ?? '')
  return mode === 'skip' || mode === 'latest' ? '' : mode
}

/** Keeps the finer rules that the form does not show. */
function withMode(rule: Moded, mode: string): unknown {
  return typeof rule === 'object' && mode !== '' ? { ...rule, mode } : mode
}
