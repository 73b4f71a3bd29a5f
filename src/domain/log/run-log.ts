// The log of one part of one attempt: what its process wrote, in numbered chunks, sealed when it has ended.

/** Attempts count from 1, parts from 0. */
export type LogId = { readonly runId: string; readonly attempt: number; readonly part: number }

/** How much there is; every chunk moves it on. */
export type LogMark = {
  /** Chunks taken, which is the number of the next. */
  readonly chunks: number
  /** Bytes of frames. */
  readonly bytes: number
  /** Of these, what a process wrote. */
  readonly textBytes: number
  readonly lines: number
  /** Bytes that came and were not kept, for want of room. */
  readonly dropped: number
}

export type RunLog = LogId &
  LogMark & {
    /** Of the lease it is written under. */
    readonly fence: number
    readonly createdAt: number
    readonly seal: LogSeal | null
    /** When the attempt ended; null: it is under way. */
    readonly attemptEndedAt: number | null
  }

/** `whole`: whoever wrote it said that this is all. */
export type LogSeal = { readonly at: number; readonly whole: boolean }

/**
 * `open`: more may come. `sealed`: all of it is here. `incomplete`: the attempt has ended, and the end of its log has not
 * arrived, or not yet.
 */
export const LOG_STATUSES = ['open', 'sealed', 'incomplete'] as const
export type LogStatus = (typeof LOG_STATUSES)[number]

export const EMPTY_MARK: LogMark = { chunks: 0, bytes: 0, textBytes: 0, lines: 0, dropped: 0 }

export const LOG_LIMITS = {
  /** Of one chunk as it is sent. */
  chunkBytesMax: 1_048_576,
  /** Chunks of one log taken at the same time. */
  aheadMax: 8,
  /** A chunk that comes before the one it follows waits for that so long at most, where whoever sends it asks for that. */
  holdMaxMs: 5_000,
  /** Of one log; what comes after that is counted and not kept. Room for the largest output a job may ask for. */
  bytesMax: 1_181_116_006,
  /** Of one line as it is shown; downloads have all of it. */
  lineTextMax: 16_384,
  pageLinesDefault: 500,
  pageLinesMax: 5_000,
  /** Of one page; a long line makes a short page. */
  pageTextMax: 2_097_152,
  /** Read at most for a page of a log that is filtered. */
  scanBytesMax: 33_554_432,
  /** A log whose chunks have so many bytes or more is not copied into one blob when it is sealed: its chunks are it. */
  mergedBytesMax: 33_554_432,
  /** … where they are of this size on the average; many small ones are copied however many they are. */
  stayingChunkBytes: 262_144,
  /** Logs of one run that are followed together. */
  followedMax: 64,
  /** Who follows a log that nothing is added to after the end of its attempt waits so long for the rest. */
  sealGraceMs: 10_000,
  /** After the end of a run whoever wrote its logs may come back with the rest for so long. */
  lateGraceMs: 3_600_000,
} as const

export function logStatus({ seal, attemptEndedAt }: RunLog): LogStatus {
  if (seal !== null) return seal.whole ? 'sealed' : 'incomplete'
  return attemptEndedAt === null ? 'open' : 'incomplete'
}

/** Copying a large log takes longer than writing it did, and chunks of such a size are read as well as stretches of one blob. */
export function staysInChunks({ chunks, bytes }: Pick<LogMark, 'chunks' | 'bytes'>): boolean {
  return bytes >= LOG_LIMITS.mergedBytesMax && bytes >= chunks * LOG_LIMITS.stayingChunkBytes
}

/** What a reader is told of a log that lacks something; null: it lacks nothing, or is still being written. */
export function logNote(log: RunLog): string | null {
  const notes: string[] = []
  if (log.dropped > 0) notes.push(`${log.dropped} bytes more than a log may hold were not kept`)
  if (logStatus(log) === 'incomplete') {
    notes.push(
      log.seal === null
        ? 'the attempt has ended, and the end of its log has not arrived yet'
        : 'the end of this log never arrived; what is here is all that was acknowledged',
    )
  }
  return notes.length === 0 ? null : notes.join('; ')
}

/** Everything of one run lies below this. */
export function runLogPrefix(runId: string): string {
  return `logs/${runId}/`
}

export function logPrefix({ runId, attempt, part }: LogId): string {
  return `${runLogPrefix(runId)}${attempt}.${part}`
}

/** Sorts as it counts. */
export function chunkKey(id: LogId, sequence: number): string {
  return `${logPrefix(id)}/${String(sequence).padStart(9, '0')}`
}

/**
 * One that was sealed for want of its end is named after how far it came: whoever writes it slowly replaces nothing that was
 * sealed meanwhile with more.
 */
export function sealedKey(log: LogId & Pick<LogMark, 'chunks'>, whole: boolean): string {
  return whole ? `${logPrefix(log)}.log` : `${logPrefix(log)}.${log.chunks}.log`
}
