// Options with their values, and where each came from.

import type { Setting } from '../../sdk/index.ts'
import { type TableLook, table } from './table.ts'

export function showSettings(settings: readonly Setting[], look: TableLook): string {
  return table(
    settings,
    [
      { title: 'OPTION', value: ({ option }) => option },
      { title: 'VALUE', value: ({ value }) => value ?? '-' },
      { title: 'FROM', value: ({ origin }) => origin, style: 'dim' },
    ],
    look,
  )
}
