// Takes the rows that are shown away as a file.

import { now } from '../time/clock.ts'
import { zoneFor, zoneMode } from '../time/zone-mode.ts'
import { save } from './save.ts'
import { type Column, csvText, jsonText, type ZoneOf } from './table-text.ts'

const FORMATS = {
  csv: { label: 'CSV', type: 'text/csv', write: csvText },
  json: { label: 'JSON', type: 'application/json', write: jsonText },
} as const

type Props<T> = {
  /** What the file is called, before its moment. */
  readonly name: string
  readonly rows: readonly T[]
  readonly columns: readonly Column<T>[]
}

export function ExportPick<T>({ name, rows, columns }: Props<T>) {
  const take = (format: keyof typeof FORMATS): void => {
    const { type, write } = FORMATS[format]
    const moment = new Date(now.peek()).toISOString().slice(0, 19).replaceAll(':', '')
    save(
      `${name}-${moment}Z.${format}`,
      new Blob([write(rows, columns, zoneOf)], { type: `${type};charset=utf-8` }),
    )
  }
  if (rows.length === 0) return null
  return (
    <span class="pick">
      <select
        aria-label={`Export the ${rows.length} rows that are shown`}
        value=""
        onChange={(event) => {
          const { value } = event.currentTarget
          event.currentTarget.value = ''
          if (value === 'csv' || value === 'json') take(value)
        }}
      >
        <option value="" disabled hidden>
          Export
        </option>
        {Object.entries(FORMATS).map(([format, { label }]) => (
          <option key={format} value={format}>
            {label}
          </option>
        ))}
      </select>
    </span>
  )
}

/** "3 minutes ago" would say nothing in a file. */
const zoneOf: ZoneOf = (jobZone) =>
  zoneMode.peek() === 'relative' ? 'UTC' : zoneFor(zoneMode.peek(), jobZone)
