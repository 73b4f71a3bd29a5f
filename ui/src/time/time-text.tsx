// An instant, in the time that was chosen; pointing at it tells it in all of them.

import { now } from './clock.ts'
import { instantText, relativeText, wallTime } from './format.ts'
import { LOCAL_ZONE, zoneFor, zoneMode } from './zone-mode.ts'

type Props = {
  readonly at: string | null
  readonly zone?: string | undefined
  /** What stands there where there is no instant. */
  readonly none?: string
}

export function TimeText({ at, zone, none = '–' }: Props) {
  if (at === null) return <span class="soft">{none}</span>
  const ms = Date.parse(at)
  // Addresses are written by anybody.
  if (Number.isNaN(ms)) return <span>{at}</span>
  const mode = zoneMode.value
  const shownZone = zoneFor(mode, zone)
  const text = mode === 'relative' ? relativeText(ms, now.value) : instantText(ms, shownZone, now.value)
  const odd = mode === 'job' && zone !== undefined && zone !== LOCAL_ZONE
  return (
    <time dateTime={at} title={inAll(ms, zone)}>
      {text}
      {odd && <span class="soft small"> {wallTime(ms, shownZone).offset}</span>}
    </time>
  )
}

export function inAll(ms: number, jobZone: string | undefined): string {
  const zones = [...new Set([...(jobZone === undefined ? [] : [jobZone]), LOCAL_ZONE, 'UTC'])]
  return zones
    .map((zone) => {
      const { weekday, date, time, millis, offset } = wallTime(ms, zone)
      return `${weekday} ${date} ${time}.${millis} ${offset} (${zone})`
    })
    .join('\n')
}

/** "in 4 m 10 s", counting. */
export function Countdown({ at }: { readonly at: string | null }) {
  if (at === null) return null
  const left = Date.parse(at) - now.value
  return <span class="number">{left <= 0 ? 'due now' : relativeText(Date.parse(at), now.value)}</span>
}
