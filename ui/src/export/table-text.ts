// Rows of a table as CSV (RFC 4180) and as JSON: the same columns, the same time as on the screen, but whole.

import { isoText } from '../time/format.ts'

/** An instant, and the zone of the job it belongs to. */
export type Instant = { readonly at: string | null; readonly zone?: string | undefined }
export type Cell = string | number | boolean | null | undefined | Instant

export type Column<T> = readonly [name: string, value: (row: T) => Cell]

/** In which zone an instant is to be written. */
export type ZoneOf = (jobZone: string | undefined) => string

export function csvText<T>(rows: readonly T[], columns: readonly Column<T>[], zoneOf: ZoneOf): string {
  const head = columns.map(([name]) => field(name))
  const body = rows.map((row) => columns.map(([, value]) => field(plain(value(row), zoneOf))))
  return [head, ...body].map((fields) => `${fields.join(',')}\r\n`).join('')
}

export function jsonText<T>(rows: readonly T[], columns: readonly Column<T>[], zoneOf: ZoneOf): string {
  const objects = rows.map((row) =>
    Object.fromEntries(columns.map(([name, value]) => [name, plain(value(row), zoneOf)])),
  )
  return `${JSON.stringify(objects, null, 2)}\n`
}

type Plain = string | number | boolean | null

function plain(cell: Cell, zoneOf: ZoneOf): Plain {
  if (cell === undefined || cell === null) return null
  if (typeof cell !== 'object') return cell
  return cell.at === null ? null : isoText(Date.parse(cell.at), zoneOf(cell.zone))
}

/** A text that begins like a formula is marked as text, so that a spreadsheet does not carry it out. */
function field(value: Plain): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
