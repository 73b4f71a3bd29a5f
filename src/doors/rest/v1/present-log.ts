// Logs → wire.

import type { NumberedLine } from '../../../commands/log/log-lines.ts'
import { LOG_LIMITS, logNote, logStatus, type RunLog } from '../../../domain/log/run-log.ts'
import type * as protocol from '../../../protocol/log.ts'

export function presentLog(log: RunLog): protocol.LogInfo {
  return {
    attempt: log.attempt,
    part: log.part,
    status: logStatus(log),
    note: logNote(log),
    lines: log.lines,
    bytes: log.textBytes,
    createdAt: new Date(log.createdAt).toISOString(),
    sealedAt: log.seal === null ? null : new Date(log.seal.at).toISOString(),
  }
}

export function presentLogLine({ line, at, stream, bytes, open }: NumberedLine): protocol.LogLine {
  const cut = bytes.length > LOG_LIMITS.lineTextMax
  const shown = cut ? bytes.subarray(0, LOG_LIMITS.lineTextMax) : bytes
  return {
    line,
    at: new Date(at).toISOString(),
    stream,
    text: textOf(shown),
    ...(cut ? { cut } : {}),
    ...(open ? { open } : {}),
  }
}

function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return text.endsWith('\r') ? text.slice(0, -1) : text
}
