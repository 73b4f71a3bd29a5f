// Where a page goes on: the sort key of the last entry, opaque to the caller.

import { AppError } from '../domain/errors.ts'

type Key = readonly [string | number, number]

export function encodeCursor(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

export function decodeTextCursor(cursor: string | undefined): readonly [string, number] | null {
  return decode(cursor, 'string') as readonly [string, number] | null
}

export function decodeNumberCursor(cursor: string | undefined): readonly [number, number] | null {
  return decode(cursor, 'number') as readonly [number, number] | null
}

function decode(cursor: string | undefined, type: 'string' | 'number'): Key | null {
  if (cursor === undefined) return null
  const key = parse(cursor)
  if (Array.isArray(key) && key.length === 2 && typeof key[0] === type && Number.isSafeInteger(key[1])) {
    if (type === 'string' || Number.isSafeInteger(key[0])) return key as unknown as Key
  }
  const detail = 'This cursor was not made by this list. Leave it out to begin at the first page.'
  throw new AppError('invalid', detail, [{ pointer: '/cursor', code: 'cursor_invalid', detail }])
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return null
  }
}
