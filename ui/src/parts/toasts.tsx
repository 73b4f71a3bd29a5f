// Short news of what was just done.

import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { wrongText } from '../state/wrong.ts'
import { Notice } from './notice.tsx'
import type { Tone } from './status.tsx'

type Toast = { readonly id: number; readonly tone: Tone; readonly content: ComponentChildren }

const toasts = signal<readonly Toast[]>([])
const SHOWN_MS = 6_000
const SHOWN_MAX = 4
let last = 0

export function say(content: ComponentChildren, tone: Tone = 'ok'): void {
  last += 1
  const id = last
  toasts.value = [...toasts.value, { id, tone, content }].slice(-SHOWN_MAX)
  setTimeout(() => hush(id), tone === 'bad' ? SHOWN_MS * 2 : SHOWN_MS)
}

export function sayWrong(error: unknown): void {
  say(wrongText(error), 'bad')
}

function hush(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

export function Toasts() {
  return (
    <div class="toasts" aria-live="polite">
      {toasts.value.map(({ id, tone, content }) => (
        <Notice
          key={id}
          tone={tone}
          action={
            <button type="button" class="button plain small" onClick={() => hush(id)} aria-label="Close">
              ✕
            </button>
          }
        >
          {content}
        </Notice>
      ))}
    </div>
  )
}
