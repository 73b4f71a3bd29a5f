// What a schedule means, computed by the server's own engine while one types.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import type { Schedule, SchedulePreview, Warning } from '../../../src/sdk/index.ts'
import { Notice, Wrong } from '../parts/notice.tsx'
import { Loading } from '../parts/panel.tsx'
import { carillon } from '../state/client.ts'
import { Countdown, TimeText } from '../time/time-text.tsx'
import { useSettled } from './use-settled.ts'

const WAIT_MS = 180

export function usePreview(schedule: Schedule) {
  const text = useSettled(JSON.stringify(schedule), WAIT_MS)
  return useQuery({
    queryKey: ['preview', text],
    queryFn: ({ signal }) =>
      carillon.schedules.preview({ schedule: JSON.parse(text) as Schedule }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
}

type Props = {
  readonly schedule: Schedule
  /** Where there is a job to be asked about an instant. */
  readonly onWhy?: (at: string) => void
  /** What is to be known about the rest of the job. */
  readonly further?: readonly Warning[]
}

export function Preview({ schedule, onWhy, further = [] }: Props) {
  const { data, error } = usePreview(schedule)
  return (
    <div class="stack tight" aria-live="polite">
      {error !== null && <Wrong error={error} />}
      {data === undefined && error === null && <Loading />}
      {data !== undefined && error === null && (
        <>
          <p class="preview-words">{data.description}</p>
          {[...data.warnings, ...further.filter((one) => !isIn(data.warnings, one))].map(
            ({ code, detail }) => (
              <Notice key={code + detail} tone="warn">
                {detail}
              </Notice>
            ),
          )}
          <Instants instants={data.instants} zone={data.timezone} onWhy={onWhy} />
        </>
      )}
    </div>
  )
}

export function Instants({
  instants,
  zone,
  onWhy,
}: {
  readonly instants: SchedulePreview['instants']
  readonly zone: string
  readonly onWhy?: ((at: string) => void) | undefined
}) {
  if (instants.length === 0) return <p class="soft">Never by itself: it rings when it is triggered.</p>
  return (
    <ol class="instants">
      {instants.map(({ utc: at, local }, n) => (
        <li key={at}>
          <TimeText at={at} zone={zone} />
          {n > 0 && offsetOf(local) !== offsetOf(instants[n - 1]!.local) && (
            <span class="chip">clocks have changed: now {offsetOf(local)}</span>
          )}
          {n === 0 && (
            <span class="soft small">
              <Countdown at={at} />
            </span>
          )}
          {onWhy !== undefined && (
            <button
              type="button"
              class="button plain small"
              aria-label={`Why, at ${at}?`}
              onClick={() => onWhy(at)}
            >
              Why?
            </button>
          )}
        </li>
      ))}
    </ol>
  )
}

function isIn(warnings: readonly Warning[], { code }: Warning): boolean {
  return warnings.some((one) => one.code === code)
}

/** At the end of an instant on a wall clock: +02:00. */
function offsetOf(local: string): string {
  return /(?:Z|[+-]\d\d:\d\d)$/.exec(local)?.[0].replace('Z', '+00:00') ?? ''
}
