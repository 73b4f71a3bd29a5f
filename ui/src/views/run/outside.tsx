// What is known of a run that someone outside finishes: whether they have begun, how far they are, when they last said so.

import type { RunOutside } from '../../../../src/sdk/index.ts'
import { Panel } from '../../parts/panel.tsx'
import { now } from '../../time/clock.ts'
import { relativeText } from '../../time/format.ts'
import { Countdown, TimeText } from '../../time/time-text.tsx'

/** A word from outside that only says "still here" is no event: while there is someone outside, they are asked for. */
export const OUTSIDE_PACE_MS = 2_000

type Props = { readonly of: RunOutside; readonly zone: string | undefined }

export function Outside({ of, zone }: Props) {
  const { acceptedAt, heardAt, endsAt, progress, message } = of
  return (
    <Panel
      title="Someone outside finishes it"
      aside={
        heardAt !== null && (
          <span class="soft small">heard {relativeText(Date.parse(heardAt), now.value)}</span>
        )
      }
    >
      <div class="stack tight">
        {progress !== null && <Progress share={progress} />}
        {message !== null && <p class="run-message">{message}</p>}
        <dl class="facts wide">
          <dt>Begun</dt>
          <dd>
            <TimeText at={acceptedAt} zone={zone} none="nobody has said so yet" />
          </dd>
          <dt>Last heard</dt>
          <dd>
            <TimeText at={heardAt} zone={zone} none="nothing yet" />
          </dd>
          <dt>Its time is up</dt>
          <dd>
            <TimeText at={endsAt} zone={zone} none="never" />
            {endsAt !== null && (
              <span class="soft">
                {' '}
                (<Countdown at={endsAt} />)
              </span>
            )}
          </dd>
        </dl>
      </div>
    </Panel>
  )
}

export function Progress({ share }: { readonly share: number }) {
  const percent = Math.round(share * 100)
  return (
    <div class="row outside-progress">
      <div
        class="progress"
        role="progressbar"
        aria-label="How far it is"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <i style={{ width: `${percent}%` }} />
      </div>
      <span class="number">{percent} %</span>
    </div>
  )
}
