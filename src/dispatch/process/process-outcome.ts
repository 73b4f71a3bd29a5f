// From the end of a process to the outcome of its attempt.

import { constants } from 'node:os'
import { formatDuration } from '../../domain/duration.ts'
import type { Outcome, ProcessRecord } from '../../domain/outcome.ts'
import type { OutputCapture } from './output-capture.ts'
import type { ProcessEnd } from './run-process.ts'

type Deadlines = {
  readonly timeoutMs: number | null
  readonly killAfterMs: number
  readonly silentMs: number | null
}

export function processOutcome(end: ProcessEnd, output: OutputCapture, deadlines: Deadlines): Outcome {
  const process = recordOf(end, output)
  const how = end.killed
    ? `was killed after ${formatDuration(deadlines.killAfterMs)} more`
    : 'ended when asked to'
  if (end.stopped === 'timeout') {
    const limit = formatDuration(deadlines.timeoutMs ?? 0)
    return { kind: 'timeout', message: `did not end within ${limit}; ${how}`, reached: 'yes', process }
  }
  if (end.stopped === 'silent') {
    const limit = formatDuration(deadlines.silentMs ?? 0)
    return { kind: 'lost', message: `told nothing of itself for ${limit}; ${how}`, process }
  }
  if (end.stopped === 'cancelled') return { kind: 'cancelled', message: `cancelled; ${how}`, process }
  if (process.exitCode === 0) return { kind: 'ok', process }
  if (process.signal !== null) {
    const hint = HINTS[process.signal]
    const message = `ended by ${process.signal}${hint === undefined ? '' : ` (${hint})`}`
    return { kind: 'error', code: 'signal', message, reached: 'yes', process }
  }
  return {
    kind: 'error',
    code: 'exit_code',
    message: `ended with exit code ${process.exitCode}`,
    reached: 'yes',
    process,
  }
}

const HINTS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed from outside, perhaps for want of memory',
  SIGXCPU: 'it used up limits.cpuSeconds',
  SIGXFSZ: 'it wrote a file larger than limits.fileBytes',
}

export function notStarted(error: unknown): Outcome & { kind: 'error' } {
  const { code, retryable } = error as { code?: string; retryable?: boolean }
  const message = error instanceof Error ? error.message : String(error)
  return {
    kind: 'error',
    code: code !== undefined && /^[a-z_]+$/.test(code) ? code : 'not_started',
    message: `not started: ${message}`,
    reached: 'no',
    ...(retryable === undefined ? {} : { retryable }),
  }
}

/** A fault of ours while it ran. */
export function brokenOff(error: unknown): Outcome & { kind: 'lost' } {
  const message = error instanceof Error ? error.message : String(error)
  return { kind: 'lost', message: `was started, and nobody saw its end: ${message}` }
}

function recordOf({ exitCode, signal }: ProcessEnd, output: OutputCapture): ProcessRecord {
  const bySignal = signal ?? signalOfCode(exitCode)
  return {
    exitCode: bySignal === null ? exitCode : null,
    signal: bySignal,
    output: output.tail(),
    outputBytes: output.bytes,
    truncated: output.truncated,
  }
}

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

/** A shell says 128 + n of what signal n has ended, and the first process of a namespace is one. */
function signalOfCode(code: number | null): string | null {
  return code === null || code <= 128 ? null : (SIGNALS.get(code - 128) ?? null)
}
