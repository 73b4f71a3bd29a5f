// Attempts as bars on one line of time: waiting in between, and how each ended.

import { useState } from 'preact/hooks'
import type { Attempt, Job, RunDetail } from '../../../../src/sdk/index.ts'
import { Glyph, type GlyphName } from '../../parts/glyph.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { Tone } from '../../parts/status.tsx'
import { now } from '../../time/clock.ts'
import { countText, durationText } from '../../time/format.ts'
import { TimeText } from '../../time/time-text.tsx'
import { masked } from '../job/masked.ts'
import { Progress } from './outside.tsx'

/** Drawn without being asked: a run that a thousand agents share has thousands. */
const SHOWN_MAX = 50

const CAUSES: Readonly<Record<Attempt['cause'], string>> = {
  first: 'the first',
  retry_policy: 'the one before failed; the rules allow another',
  node_lost: 'the node that had it was lost',
  lease_expired: 'its lease ran out',
  refused: 'it was refused',
}

const OUTCOMES: Readonly<Record<NonNullable<Attempt['outcome']> | 'open', readonly [Tone, GlyphName]>> = {
  ok: ['ok', 'succeeded'],
  error: ['bad', 'failed'],
  timeout: ['bad', 'pending'],
  lost: ['odd', 'unknown'],
  refused: ['warn', 'skipped'],
  cancelled: ['calm', 'cancelled'],
  open: ['busy', 'running'],
}

/** What a run ran under, where it is still there. */
type Definition = Pick<Job, 'target'> | null

type Props = { readonly run: RunDetail; readonly definition: Definition; readonly zone: string | undefined }

export function Attempts({ run, definition, zone }: Props) {
  const first = Math.min(Date.parse(run.dueAt), ...run.attempts.map(({ startedAt }) => Date.parse(startedAt)))
  const last = Math.max(
    first + 1,
    ...run.attempts.map(({ endedAt }) => (endedAt === null ? now.value : Date.parse(endedAt))),
  )
  const [all, setAll] = useState(false)
  const hidden = all ? 0 : Math.max(0, run.attempts.length - SHOWN_MAX)
  const place = (at: number): number => ((at - first) / (last - first)) * 100
  return (
    <Panel
      title={run.attempts.length === 1 ? 'One attempt' : `${run.attempts.length} attempts`}
      aside={<span class="soft small">{durationText(last - first)} from due to end</span>}
      flush
    >
      {hidden > 0 && (
        <p class="body">
          <button type="button" class="button small" onClick={() => setAll(true)}>
            Show the {countText(hidden)} before these too
          </button>
        </p>
      )}
      <ol class="attempts">
        {run.attempts.map((attempt, n) => {
          if (n < hidden) return null
          const before =
            n === 0 ? Date.parse(run.dueAt) : Date.parse(run.attempts[n - 1]?.endedAt ?? attempt.startedAt)
          const start = Date.parse(attempt.startedAt)
          const end = attempt.endedAt === null ? now.value : Date.parse(attempt.endedAt)
          const [tone, glyph] = OUTCOMES[attempt.outcome ?? 'open']
          return (
            <li key={attempt.number}>
              <details open={run.attempts.length === 1 || n === run.attempts.length - 1}>
                <summary>
                  <span class="status" data-tone={tone}>
                    <Glyph name={glyph} turning={attempt.outcome === null} />
                    {attempt.number}. {attempt.outcome ?? 'under way'}
                    {attempt.part !== null && <span class="soft">part {attempt.part}</span>}
                  </span>
                  <span class="attempt-line" aria-hidden="true">
                    <i
                      class="wait"
                      style={{
                        left: `${place(before)}%`,
                        width: `${Math.max(0, place(start) - place(before))}%`,
                      }}
                    />
                    <i
                      class="work"
                      data-tone={tone}
                      style={{
                        left: `${place(start)}%`,
                        width: `${Math.max(0.4, place(end) - place(start))}%`,
                      }}
                    />
                    {milestones(attempt).map((ms, nth) => (
                      <i
                        key={nth}
                        class="milestone"
                        style={{ left: `${place(Math.min(end, start + ms))}%` }}
                      />
                    ))}
                  </span>
                  <span class="number">{durationText(end - start)}</span>
                </summary>
                {attempt.told !== null && <Told of={attempt.told} zone={zone} />}
                <About
                  attempt={attempt}
                  definition={definition}
                  run={run}
                  zone={zone}
                  waited={start - before}
                />
              </details>
            </li>
          )
        })}
      </ol>
    </Panel>
  )
}

/** What its process says of itself, the newest word. */
function Told({
  of,
  zone,
}: {
  readonly of: NonNullable<Attempt['told']>
  readonly zone: string | undefined
}) {
  const { at, progress, message, endsBy } = of
  return (
    <div class="stack tight body">
      {progress !== null && <Progress share={progress} />}
      {message !== null && <p class="run-message">{message}</p>}
      <p class="soft small">
        said <TimeText at={at} zone={zone} />
        {endsBy !== null && (
          <>
            , may take until <TimeText at={endsBy} zone={zone} />
          </>
        )}
      </p>
    </div>
  )
}

/** When it was connected and when the answer began, since its start. */
function milestones({ timing }: Attempt): number[] {
  if (timing === null) return []
  const { connectMs, firstByteMs } = timing
  return firstByteMs === null ? [connectMs] : [connectMs, connectMs + firstByteMs]
}

type AboutProps = {
  readonly attempt: Attempt
  readonly definition: Definition
  readonly run: RunDetail
  readonly zone: string | undefined
  readonly waited: number
}

function About({ attempt, definition, run, zone, waited }: AboutProps) {
  const { response } = attempt
  const http = definition?.target.http ?? null
  return (
    <div class="stack tight attempt-about">
      <dl class="facts">
        <dt>Why it was made</dt>
        <dd>{CAUSES[attempt.cause]}</dd>
        <dt>Waited</dt>
        <dd class="number">{durationText(Math.max(0, waited))}</dd>
        <dt>Started</dt>
        <dd>
          <TimeText at={attempt.startedAt} zone={zone} />
        </dd>
        {attempt.timing !== null && (
          <>
            <dt>Connected</dt>
            <dd class="number">after {attempt.timing.connectMs} ms</dd>
            <dt>First byte</dt>
            <dd class="number">
              {attempt.timing.firstByteMs === null
                ? 'none came'
                : `${attempt.timing.firstByteMs} ms after the request left`}
            </dd>
          </>
        )}
        {attempt.message !== null && (
          <>
            <dt>What happened</dt>
            <dd>
              {attempt.message}
              {attempt.errorCode !== null && (
                <>
                  {' '}
                  <code>{attempt.errorCode}</code>
                </>
              )}
            </dd>
          </>
        )}
        {attempt.process !== null && (
          <>
            <dt>Exit</dt>
            <dd>
              <Exit of={attempt.process} />
            </dd>
          </>
        )}
        {attempt.late !== null && (
          <>
            <dt>Told too late</dt>
            <dd>
              <TimeText at={attempt.late.at} zone={zone} />: {attempt.late.outcome}
              {attempt.late.message !== null && `, ${attempt.late.message}`}
              <span class="soft"> (evidence, which changes nothing)</span>
            </dd>
          </>
        )}
        {attempt.agent !== null && (
          <>
            <dt>Agent</dt>
            <dd>{attempt.agent}</dd>
          </>
        )}
        <dt>Node</dt>
        <dd class="soft">
          <code>{attempt.nodeId}</code>, fence {attempt.fence}
        </dd>
      </dl>
      <div class="grid">
        {http !== null && (
          <div class="stack tight">
            <h3>Request</h3>
            <pre class="code">
              {`${http.method ?? (http.body === undefined && run.params === null ? 'GET' : 'POST')} ${http.url}\n`}
              {headerText({
                ...masked(http.headers ?? {}),
                'Idempotency-Key': run.id,
                'Carillon-Attempt': String(attempt.number),
                'Carillon-Fence': String(attempt.fence),
                'Carillon-Due-At': run.dueAt,
              })}
              {bodyText(run.params ?? http.body)}
            </pre>
          </div>
        )}
        {response !== null && (
          <div class="stack tight">
            <h3>
              Answer {response.status}
              {response.truncated && `, the first part of ${response.bodyBytes} bytes`}
            </h3>
            <pre class="code">
              {headerText(masked(response.headers))}
              {'\n'}
              {response.body}
            </pre>
          </div>
        )}
      </div>
    </div>
  )
}

function Exit({ of }: { readonly of: NonNullable<Attempt['process']> }) {
  const { exitCode, signal, outputBytes, truncated } = of
  return (
    <>
      {exitCode === null ? `ended by ${signal ?? 'a signal'}` : <code>exit code {exitCode}</code>}
      <span class="soft">
        , {countText(outputBytes)} bytes of output{truncated && ', of which the log has the first part'}
      </span>
    </>
  )
}

function headerText(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
}

function bodyText(body: unknown): string {
  if (body === undefined || body === null) return ''
  return `\n${typeof body === 'string' ? body : JSON.stringify(masked(body), null, 2)}`
}
