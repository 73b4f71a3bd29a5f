// Rows and columns for people. Cells are one line each; the last column gives way on a narrow terminal.

import { type Paint, type Style, statusStyle } from './paint.ts'
import { safeText } from './safe-text.ts'
import { cutToWidth, textWidth } from './text-width.ts'

export type Column<T> = {
  readonly title: string
  readonly value: (row: T) => string
  readonly style?: Style | 'status'
}

export type TableLook = {
  readonly paint: Paint /** Columns of the terminal; null: no end. */
  readonly width: number | null
}

const GAP = '  '

export function table<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  { paint, width }: TableLook,
): string {
  const cells = rows.map((row) => columns.map(({ value }) => safeText(value(row))))
  const widths = columns.map(({ title }, n) =>
    Math.max(textWidth(title), ...cells.map((row) => textWidth(row[n]!))),
  )
  if (width !== null) narrowLast(widths, width)
  const line = (texts: readonly string[], look: (text: string, n: number) => string): string =>
    texts
      .map((text, n) => {
        const cut = cutToWidth(text, widths[n]!)
        const padding = n === texts.length - 1 ? '' : ' '.repeat(widths[n]! - textWidth(cut))
        return look(cut, n) + padding
      })
      .join(GAP)
      .trimEnd()
  const head = line(
    columns.map(({ title }) => title),
    (text) => paint('bold', text),
  )
  const body = cells.map((row) => line(row, (text, n) => styled(paint, columns[n]!.style, text)))
  return [head, ...body].join('\n')
}

/** Names and values below each other. */
export function fields(
  pairs: readonly (readonly [string, string])[],
  { paint }: Pick<TableLook, 'paint'>,
): string {
  const width = Math.max(0, ...pairs.map(([name]) => textWidth(name)))
  return pairs
    .map(([name, value]) => `${paint('dim', name)}${' '.repeat(width - textWidth(name))}${GAP}${value}`)
    .join('\n')
}

function narrowLast(widths: number[], total: number): void {
  const others = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0)
  const last = widths.length - 1
  widths[last] = Math.min(widths[last]!, Math.max(8, total - others))
}

function styled(paint: Paint, style: Style | 'status' | undefined, text: string): string {
  if (style === undefined) return text
  return paint(style === 'status' ? statusStyle(text) : style, text)
}
