// Puts a text into the clipboard and says so.

import type { ComponentChildren } from 'preact'
import { Glyph } from './glyph.tsx'
import { say, sayWrong } from './toasts.tsx'

type Props = { readonly text: string | (() => string); readonly children: ComponentChildren }

export function CopyButton({ text, children }: Props) {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text())
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
