// A schedule as it was written, with its zone.

import type { Schedule } from '../../../src/sdk/index.ts'

export function ScheduleText({ of }: { readonly of: Schedule }) {
  const { cron, every, at, timezone } = of
  const text = cron ?? (every === undefined ? (at ?? null) : `every ${every}`)
  if (text === null) return <span class="soft">by hand</span>
  return (
    <span>
      <code>{text}</code>
      {timezone !== undefined && <span class="soft small"> {timezone}</span>}
    </span>
  )
}
