// The parts of a run that several agents share: who has which, and how it went.

import { useState } from 'preact/hooks'
import type { RunDetail, RunPart } from '../../../../src/sdk/index.ts'
import { Glyph, type GlyphName } from '../../parts/glyph.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { Tone } from '../../parts/status.tsx'
import { countText } from '../../time/format.ts'
import { TimeText } from '../../time/time-text.tsx'

/** Drawn without being asked. */
const SHOWN_MAX = 100

const STATES: Readonly<Record<RunPart['status'], readonly [Tone, GlyphName]>> = {
  waiting: ['calm', 'pending'],
  running: ['busy', 'running'],
  succeeded: ['ok', 'succeeded'],
  failed: ['bad', 'failed'],
  cancelled: ['calm', 'cancelled'],
  unknown: ['odd', 'unknown'],
}

export function Parts({ run, zone }: { readonly run: RunDetail; readonly zone: string | undefined }) {
  const [all, setAll] = useState(false)
  const ended = run.parts.filter(({ endedAt }) => endedAt !== null).length
  return (
    <Panel
      title={`${run.parts.length} parts`}
      aside={<span class="soft small">{ended} have ended</span>}
      flush
    >
      <table class="list cards">
        <thead>
          <tr>
            <th>Part</th>
            <th>Agent</th>
            <th>Status</th>
            <th>Attempt</th>
            <th>Ended</th>
            <th>What happened</th>
          </tr>
        </thead>
        <tbody>
          {run.parts
            .slice(0, all ? undefined : SHOWN_MAX)
            .map(({ index, agent, status, attempt, endedAt, message }) => {
              const [tone, glyph] = STATES[status]
              return (
                <tr key={index}>
                  <td class="number">{index}</td>
                  <td>{agent ?? '–'}</td>
                  <td>
                    <span class="status" data-tone={tone}>
                      <Glyph name={glyph} turning={status === 'running'} />
                      {status}
                    </span>
                  </td>
                  <td class="number">{attempt ?? '–'}</td>
                  <td>
                    <TimeText at={endedAt} zone={zone} none="–" />
                  </td>
                  <td>{message}</td>
                </tr>
              )
            })}
        </tbody>
      </table>
      {!all && run.parts.length > SHOWN_MAX && (
        <p class="body">
          <button type="button" class="button small" onClick={() => setAll(true)}>
            Show all {countText(run.parts.length)}
          </button>
        </p>
      )}
    </Panel>
  )
}
