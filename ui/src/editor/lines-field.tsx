// A field of several lines, and what is written in such: headers, and bodies of text or JSON.

import { useState } from 'preact/hooks'
import { Field } from '../parts/field.tsx'

type Props = {
  readonly label: string
  readonly hint: string
  readonly lines: string
  readonly wrong: string | undefined
  readonly onLines: (text: string) => void
}

/** Keeps what is typed as it is typed; what it means is told with every change. */
export function LinesField({ label, hint, lines, wrong, onLines }: Props) {
  const [text, setText] = useState(lines)
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(ids) => (
        <textarea
          {...ids}
          rows={Math.min(12, Math.max(3, text.split('\n').length))}
          spellcheck={false}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value)
            onLines(event.currentTarget.value)
          }}
        />
      )}
    </Field>
  )
}

type Headers = Readonly<Record<string, string>>

export function headerLines(headers: Headers | undefined): string {
  return Object.entries(headers ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
}

export function headersOf(text: string): Record<string, string> | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return undefined
  return Object.fromEntries(
    lines.map((line) => [line.split(':', 1)[0]!.trim(), line.slice(line.indexOf(':') + 1).trim()]),
  )
}

export function bodyText(body: unknown): string {
  if (body === undefined) return ''
  return typeof body === 'string' ? body : JSON.stringify(body, null, 2)
}

export function bodyOf(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
