// When: a cron expression, an even distance, one moment, or never by itself.

import type { Problem, Schedule } from '../../../src/sdk/index.ts'
import { Field } from '../parts/field.tsx'
import { TextField } from '../parts/text-field.tsx'
import { LOCAL_ZONE } from '../time/zone-mode.ts'
import { withField } from './draft.ts'
import { wrongAt } from './wrong-at.ts'

const KINDS = ['cron', 'every', 'at', 'by hand'] as const
type Kind = (typeof KINDS)[number]

const PRESETS: readonly (readonly [string, Schedule])[] = [
  ['every minute', { cron: '* * * * *' }],
  ['hourly', { cron: 'H * * * *' }],
  ['daily at 02:30', { cron: '30 2 * * *' }],
  ['working days at 09:00', { cron: '0 9 * * MON-FRI' }],
  ['Mondays', { cron: '0 8 * * MON' }],
  ['last day of the month', { cron: '0 9 L * *' }],
]

let zones: readonly string[] | null = null
const allZones = (): readonly string[] => {
  zones ??= ['UTC', ...Intl.supportedValuesOf('timeZone')]
  return zones
}

type Props = {
  readonly schedule: Schedule
  readonly problems: readonly Problem[]
  readonly onChange: (schedule: Schedule) => void
}

export function ScheduleFields({ schedule, problems, onChange }: Props) {
  const kind = kindOf(schedule)
  const set = (name: keyof Schedule, value: unknown): void => onChange(withField(schedule, name, value))
  const setKind = (next: Kind): void => {
    const { cron: _c, every: _e, at: _a, anchor: _n, dst: _d, ...rest } = schedule
    if (next === 'cron') onChange({ cron: '0 9 * * *', ...rest })
    else if (next === 'every') onChange({ every: '5m', ...rest })
    else if (next === 'at')
      onChange({ at: new Date(Date.now() + 3_600_000).toISOString().slice(0, 19).concat('Z'), ...rest })
    else onChange(rest)
  }
  return (
    <div class="stack tight">
      <fieldset class="switcher" aria-label="Kind of schedule">
        {KINDS.map((one) => (
          <button key={one} type="button" aria-pressed={one === kind} onClick={() => setKind(one)}>
            {one}
          </button>
        ))}
      </fieldset>
      <div class="form-grid">
        {kind === 'cron' && (
          <Field
            label="Cron expression"
            wrong={wrongAt(problems, '/schedule/cron')}
            hint={
              <span class="row presets">
                {PRESETS.map(([label, preset]) => (
                  <button
                    key={label}
                    type="button"
                    class="preset"
                    onClick={() => onChange({ ...schedule, ...preset })}
                  >
                    {label}
                  </button>
                ))}
              </span>
            }
          >
            {(ids) => (
              <input
                {...ids}
                class="mono"
                value={schedule.cron ?? ''}
                spellcheck={false}
                onInput={(event) => onChange({ ...schedule, cron: event.currentTarget.value })}
              />
            )}
          </Field>
        )}
        {kind === 'every' && (
          <TextField
            label="Every"
            hint="30s, 5m, 1h30m"
            wrong={wrongAt(problems, '/schedule/every')}
            value={schedule.every ?? ''}
            onText={(text) => onChange({ ...schedule, every: text })}
          />
        )}
        {kind === 'at' && (
          <TextField
            label="At"
            hint="2027-01-31T09:00:00Z, or without an offset: in the time zone"
            wrong={wrongAt(problems, '/schedule/at')}
            value={schedule.at ?? ''}
            onText={(text) => onChange({ ...schedule, at: text })}
          />
        )}
        {kind !== 'by hand' && (
          <Field
            label="Time zone"
            hint={`Here it is ${LOCAL_ZONE}. Left empty: UTC.`}
            wrong={wrongAt(problems, '/schedule/timezone')}
          >
            {(ids) => (
              <>
                <input
                  {...ids}
                  list="zones"
                  value={schedule.timezone ?? ''}
                  placeholder="UTC"
                  onInput={(event) => set('timezone', event.currentTarget.value)}
                />
                <datalist id="zones">
                  {allZones().map((zone) => (
                    <option key={zone} value={zone} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
        )}
      </div>
      {kind !== 'by hand' && (
        <details>
          <summary>Bounds{kind === 'cron' && ' and clock changes'}</summary>
          <div class="form-grid">
            <TextField
              label="From"
              hint="Nothing before this."
              wrong={wrongAt(problems, '/schedule/from')}
              placeholder="2027-01-01T00:00:00Z"
              value={schedule.from ?? ''}
              onText={(text) => set('from', text)}
            />
            <TextField
              label="Until"
              hint="Nothing from here on."
              wrong={wrongAt(problems, '/schedule/until')}
              placeholder="2028-01-01T00:00:00Z"
              value={schedule.until ?? ''}
              onText={(text) => set('until', text)}
            />
            <TextField
              label="At most so many runs"
              wrong={wrongAt(problems, '/schedule/maxRuns')}
              type="number"
              min={1}
              value={schedule.maxRuns ?? ''}
              onText={(text) => set('maxRuns', text === '' ? undefined : Number(text))}
            />
            {kind === 'cron' && (
              <>
                <Field label="A time the clocks jump over">
                  {(ids) => (
                    <select
                      {...ids}
                      value={schedule.dst?.gap ?? 'after'}
                      onChange={(event) => set('dst', { ...schedule.dst, gap: event.currentTarget.value })}
                    >
                      <option value="after">rings right after the gap</option>
                      <option value="skip">is left out</option>
                      <option value="shift">is shifted by the gap</option>
                    </select>
                  )}
                </Field>
                <Field label="A time that comes twice">
                  {(ids) => (
                    <select
                      {...ids}
                      value={schedule.dst?.overlap ?? 'first'}
                      onChange={(event) =>
                        set('dst', { ...schedule.dst, overlap: event.currentTarget.value })
                      }
                    >
                      <option value="first">rings the first time</option>
                      <option value="last">rings the last time</option>
                      <option value="both">rings both times</option>
                    </select>
                  )}
                </Field>
              </>
            )}
          </div>
        </details>
      )}
    </div>
  )
}

function kindOf({ cron, every, at }: Schedule): Kind {
  if (cron !== undefined) return 'cron'
  if (every !== undefined) return 'every'
  return at === undefined ? 'by hand' : 'at'
}
