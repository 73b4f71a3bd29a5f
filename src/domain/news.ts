// What whoever carries out an attempt tells of it while it goes on. Pure.

import { parseDuration } from './duration.ts'
import { RECEIVER_LIMITS } from './handed-over.ts'

export type News = {
  /** The share that is done, from 0 to 1. */
  readonly progress?: number
  readonly message?: string
  /** From now on it may take so much longer. */
  readonly extendMs?: number
}

/** A line that a process has written: the same JSON as receivers send, or nothing. A string: why it says nothing. */
export function newsOf(line: string): News | string {
  if (line.trim() === '') return {}
  const told = parsed(line)
  if (told === null) return 'it is not a JSON object'
  const { progress, message, extend } = told
  const unknown = Object.keys(told).find((key) => !KNOWN.includes(key))
  if (unknown !== undefined) return `"${unknown.slice(0, 40)}" is none of ${KNOWN.join(', ')}`
  if (progress !== undefined && !isShare(progress)) return '"progress" is a number from 0 to 1'
  if (message !== undefined && typeof message !== 'string') return '"message" is a text'
  const extendMs = extend === undefined ? undefined : extendMsOf(extend)
  if (extendMs === null) return '"extend" is a duration as "10m", up to 24h'
  return {
    ...(progress === undefined ? {} : { progress }),
    ...(message === undefined ? {} : { message }),
    ...(extendMs === undefined ? {} : { extendMs }),
  }
}

/** What was told later stands; the longer time is given. */
export function mergedNews(earlier: News, later: News): News {
  const extendMs = Math.max(earlier.extendMs ?? 0, later.extendMs ?? 0)
  return { ...earlier, ...later, ...(extendMs === 0 ? {} : { extendMs }) }
}

/** As much of a message as is kept. */
export function toldText(message: string): string {
  return message.slice(0, RECEIVER_LIMITS.messageMax).toWellFormed().replaceAll('\0', '\ufffd')
}

const KNOWN = ['progress', 'message', 'extend']

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1
}

function extendMsOf(value: unknown): number | null {
  const ms = typeof value === 'string' ? parseDuration(value) : null
  return ms !== null && ms > 0 && ms <= RECEIVER_LIMITS.extendMaxMs ? ms : null
}
