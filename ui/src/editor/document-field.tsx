// A job as text, its lines numbered, and what is wrong beside the lines it is about.

import { useRef } from 'preact/hooks'
import { Field } from '../parts/field.tsx'

export type LineWrong = { readonly line: number; readonly pointer: string; readonly detail: string }

type Props = {
  readonly text: string
  readonly wrongs: readonly LineWrong[]
  readonly onText: (text: string) => void
}

export function DocumentField({ text, wrongs, onText }: Props) {
  const area = useRef<HTMLTextAreaElement>(null)
  const numbers = useRef<HTMLPreElement>(null)
  const goTo = (line: number): void => {
    const at = text.split('\n', line - 1).reduce((sum, one) => sum + one.length + 1, 0)
    const end = text.indexOf('\n', at)
    area.current?.focus()
    area.current?.setSelectionRange(at, end === -1 ? text.length : end)
  }
  return (
    <Field
      label="Document"
      hint="The same document that the API and carillon job create -f take."
      wrong={
        wrongs.length === 0 ? undefined : (
          <ul class="line-wrongs">
            {wrongs
              .toSorted((a, b) => a.line - b.line)
              .map(({ line, pointer, detail }) => (
                <li key={`${line}${pointer}${detail}`}>
                  <button type="button" class="preset" onClick={() => goTo(line)}>
                    line {line}
                  </button>{' '}
                  {pointer !== '' && <code>{pointer} </code>}
                  {detail}
                </li>
              ))}
          </ul>
        )
      }
    >
      {(ids) => (
        <div class="document">
          <pre ref={numbers} aria-hidden="true">
            <Numbers count={text.split('\n').length} wrong={new Set(wrongs.map(({ line }) => line))} />
          </pre>
          <textarea
            {...ids}
            ref={area}
            rows={24}
            wrap="off"
            spellcheck={false}
            value={text}
            onInput={(event) => onText(event.currentTarget.value)}
            onScroll={(event) => {
              if (numbers.current !== null) numbers.current.scrollTop = event.currentTarget.scrollTop
            }}
          />
        </div>
      )}
    </Field>
  )
}

function Numbers({ count, wrong }: { readonly count: number; readonly wrong: ReadonlySet<number> }) {
  const lines = Array.from({ length: count }, (_, n) => n + 1)
  if (wrong.size === 0) return <>{lines.join('\n')}</>
  return (
    <>
      {[...wrong, count + 1]
        .toSorted((a, b) => a - b)
        .map((line, n, all) => (
          <span key={line}>
            {lines.slice(n === 0 ? 0 : all[n - 1], line - 1).map((one) => `${one}\n`)}
            {line <= count && <mark>{line}</mark>}
            {line < count && '\n'}
          </span>
        ))}
    </>
  )
}
