// What checks of jobs have in common: numbers within bounds, sizes as they travel, words of a person within a message.

import type { Problems } from './errors.ts'

export function checkCount(
  value: number | undefined,
  min: number,
  max: number,
  problems: Problems,
  pointer: string,
): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return
  problems.add(pointer, 'range', `This is a whole number from ${min} to ${max}, not ${value}.`)
}

export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}

/** Of what travels as text as it stands, or else as JSON. */
export function bodyBytes(body: unknown): number {
  return utf8Length(typeof body === 'string' ? body : JSON.stringify(body))
}

/** What a person wrote, for a message: never so long that it drowns the message. */
export function short(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`
}
