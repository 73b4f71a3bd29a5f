// The kinds of value an option can have: how its text is read, checked, and written back for people.

import { readBrokerAddress } from '../../adapters/amqp/address.ts'
import { hidePassword, isPostgresAddress, readAddress } from '../../adapters/postgres/address.ts'
import { formatDuration, parseDuration } from '../../domain/duration.ts'
import type { Address } from './config.ts'

/** What is wrong with a text, for a person; `suggestion` is a text that would do. */
export type Refusal = { readonly detail: string; readonly suggestion?: string }

export type Kind<T> = {
  /** The word for its place in help: "duration". */
  readonly placeholder: string
  readonly read: (text: string) => { readonly value: T } | Refusal
  /** The text that reads as this value. */
  readonly write: (value: T) => string
  /** A text of it may hold a secret, so one that is refused is not repeated. */
  readonly confidential?: true
  /** Its text is JSON; a file may hold it as it is. */
  readonly structured?: true
}

export const text: Kind<string> = {
  placeholder: 'text',
  read: (value) => ({ value }),
  write: (value) => value,
}

export const path: Kind<string> = { ...text, placeholder: 'path' }

/** Shown without its password. */
export const storeAddress: Kind<string> = {
  placeholder: 'address',
  read(value) {
    if (!isPostgresAddress(value))
      return { detail: 'is an address such as postgres://user:password@host:5432/database' }
    try {
      readAddress(value)
      return { value }
    } catch (error) {
      return { detail: (error as Error).message }
    }
  },
  write: hidePassword,
  confidential: true,
}

/** Shown without its password. */
export const busAddress: Kind<string> = {
  placeholder: 'address',
  read(value) {
    if (/^in-process:/.test(value)) return { value }
    if (!/^amqps?:\/\//.test(value)) {
      return { detail: 'is an address such as amqp://user:password@host:5672/vhost' }
    }
    try {
      readBrokerAddress(value)
      return { value }
    } catch (error) {
      return { detail: (error as Error).message }
    }
  },
  write: hidePassword,
  confidential: true,
}

export function choice<T extends string>(choices: readonly T[]): Kind<T> {
  return {
    placeholder: choices.join('|'),
    read: (text) => {
      const value = choices.find((one) => one === text.toLowerCase())
      return value === undefined ? { detail: `is one of ${choices.join(', ')}` } : { value }
    },
    write: (value) => value,
  }
}

const TRUE = ['true', 'yes', 'on', '1']
const FALSE = ['false', 'no', 'off', '0']

export const boolean: Kind<boolean> = {
  placeholder: 'true|false',
  read: (text) => {
    if (TRUE.includes(text.toLowerCase())) return { value: true }
    if (FALSE.includes(text.toLowerCase())) return { value: false }
    return { detail: 'is true or false' }
  },
  write: String,
}

export function integer(min: number, max: number): Kind<number> {
  return {
    placeholder: 'number',
    read: (text) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : null
      if (value === null || value < min || value > max)
        return { detail: `is a whole number from ${min} to ${max}` }
      return { value }
    },
    write: String,
  }
}

export function duration(minMs: number, maxMs: number): Kind<number> {
  return {
    placeholder: 'duration',
    read: (text) => readDuration(text, minMs, maxMs),
    write: formatDuration,
  }
}

function readDuration(text: string, minMs: number, maxMs: number): { value: number } | Refusal {
  const value = parseDuration(text)
  if (value === null) {
    const detail = 'is a duration such as "500ms", "30s" or "1h30m"'
    return /^\d+$/.test(text) ? { detail, suggestion: `${text}s` } : { detail }
  }
  if (value < minMs || value > maxMs) {
    return { detail: `is a duration from ${formatDuration(minMs)} to ${formatDuration(maxMs)}` }
  }
  return { value }
}

/** A comma list of durations; none when empty. */
export function durations(countMax: number, minMs: number, maxMs: number): Kind<readonly number[]> {
  return {
    placeholder: 'durations',
    read: (text) => {
      const parts = commaList(text)
      if (parts.length > countMax) return { detail: `has at most ${countMax} durations` }
      const values: number[] = []
      for (const part of parts) {
        const one = readDuration(part, minMs, maxMs)
        if (!('value' in one))
          return { ...one, detail: `is a comma list; "${part}" ${one.detail.replace('is', 'is not')}` }
        values.push(one.value)
      }
      return { value: values }
    },
    write: (values) => values.map(formatDuration).join(','),
  }
}

export function list(countMax: number): Kind<readonly string[]> {
  return {
    placeholder: 'list',
    read: (text) => {
      const value = commaList(text)
      return value.length > countMax ? { detail: `has at most ${countMax} entries` } : { value }
    },
    write: (value) => value.join(','),
  }
}

function commaList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

const SIZE = /^(\d{1,12})\s*(b|kb|kib|k|mb|mib|m|gb|gib|g)?$/i
const SIZE_FACTORS = { b: 1, k: 1_024, m: 1_048_576, g: 1_073_741_824 } as const

/** Bytes, or with a unit of 1024: "64k", "1MiB". */
export function size(minBytes: number, maxBytes: number): Kind<number> {
  return {
    placeholder: 'size',
    read: (text) => {
      const [, amount, unit] = SIZE.exec(text.trim()) ?? []
      if (amount === undefined) return { detail: 'is a size such as "65536", "64k" or "1MiB"' }
      const factor = SIZE_FACTORS[(unit ?? 'b')[0]!.toLowerCase() as keyof typeof SIZE_FACTORS]
      const value = Number(amount) * factor
      if (value < minBytes || value > maxBytes) {
        return { detail: `is a size from ${formatSize(minBytes)} to ${formatSize(maxBytes)}` }
      }
      return { value }
    },
    write: formatSize,
  }
}

export function formatSize(bytes: number): string {
  for (const [unit, factor] of [
    ['GiB', SIZE_FACTORS.g],
    ['MiB', SIZE_FACTORS.m],
    ['KiB', SIZE_FACTORS.k],
  ] as const) {
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`
  }
  return String(bytes)
}

export const url: Kind<string> = {
  placeholder: 'url',
  read: (text) => {
    const parsed = URL.parse(text)
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
      return { detail: 'is an address such as "https://carillon.example.com"' }
    }
    if (parsed.username !== '' || parsed.search !== '' || parsed.hash !== '') {
      return { detail: 'has no user, query or fragment' }
    }
    return { value: text.replace(/\/+$/, '') }
  },
  write: (value) => value,
}

/** "127.0.0.1:8080", "[::1]:8080", "localhost:0". */
export const address: Kind<Address> = {
  placeholder: 'host:port',
  read: (text) => {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]\s]*)):(\d+)$/.exec(text) ?? []
    const host = bracketed ?? plain
    if (host === undefined || host === '' || port === undefined) {
      const bare = /^:?(\d+)$/.exec(text)?.[1]
      const detail = 'is "host:port", such as "127.0.0.1:8080" or "[::1]:8080"'
      return bare === undefined ? { detail } : { detail, suggestion: `127.0.0.1:${bare}` }
    }
    if (Number(port) > 65_535) return { detail: `has a port from 0 to 65535, not ${port}` }
    return { value: { host, port: Number(port) } }
  },
  write: formatAddress,
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
