// Puts a text into the clipboard and says so.

import type { ComponentChildren } from 'preact'
import { Glyph } from './glyph.tsx'
import { say, sayWrong } from './toasts.tsx'

type Props = { readonly text: string | (() => string); readonly children: ComponentChildren }

export function CopyButton({ text, children }: Props) {
  const copy = async (): Promise<void> => {
    try {
      await toClipboard(typeof text === 'string' ? text : text())
      say('Copied.')
    } catch (error) {
      sayWrong(error)
    }
  }
  return (
    <button type="button" class="button small" onClick={() => void copy()}>
      <Glyph name="copy" />
      {children}
    </button>
  )
}

/** Pages that came by plain http from another machine have no clipboard; they may still copy what is selected. */
async function toClipboard(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text)
  const field = document.createElement('textarea')
  field.value = text
  // Within an open dialog nothing outside it can be selected.
  const place = document.querySelector('dialog[open]') ?? document.body
  place.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  if (!done) throw new Error(`This browser lets nobody copy on a page without https. It is: ${text}`)
}
