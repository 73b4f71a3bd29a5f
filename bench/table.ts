// The one table that all measurements end in, and how figures are written.

export type Line = {
  readonly what: string
  readonly target: string
  readonly measured: string
  /** null: a figure for its own sake. */
  readonly met: boolean | null
}

export function line(what: string, target: string, measured: string, met: boolean | null): Line {
  return { what, target, measured, met }
}

export function printTable(lines: readonly Line[]): void {
  const rows = [
    ['what', 'target', 'measured', 'verdict'],
    ...lines.map(({ what, target, measured, met }) => [what, target, measured, verdict(met)]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const text = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
  text.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`)
  console.log(text.join('\n'))
}

function verdict(met: boolean | null): string {
  if (met === null) return '–'
  return met ? 'met' : 'missed'
}

export function number(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
