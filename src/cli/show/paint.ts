// Colours, or none. State is never said by colour alone.

import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]

export type Paint = (style: Style, text: string) => string

export function painter(colours: boolean): Paint {
  return (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text)
}

const STATUS_STYLES: Readonly<Record<string, Style>> = {
  succeeded: 'green',
  delivered: 'green',
  active: 'green',
  failed: 'red',
  dead: 'red',
  missed: 'red',
  unknown: 'magenta',
  cancelled: 'yellow',
  cancelling: 'yellow',
  paused: 'yellow',
  skipped: 'yellow',
  running: 'cyan',
}

export function statusStyle(status: string): Style {
  return STATUS_STYLES[status] ?? 'dim'
}
