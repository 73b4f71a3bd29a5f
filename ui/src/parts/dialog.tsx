// A question in front of everything. Escape and a click beside it leave it.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Wrong } from './notice.tsx'

type Props = {
  readonly title: string
  readonly children: ComponentChildren
  readonly onClose: () => void
  /** What the main button says and does; the dialog closes when it went well. */
  readonly act?: {
    readonly label: string
    readonly danger?: boolean
    readonly keepOpen?: boolean
    readonly run: () => Promise<unknown>
  }
}

export function Dialog({ title, children, onClose, act }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const run = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (act === undefined || busy) return
    setBusy(true)
    setError(null)
    try {
      await act.run()
      if (act.keepOpen !== true) onClose()
    } catch (wrong) {
      setError(wrong)
      setBusy(false)
    }
  }
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onClose}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
    >
      <form onSubmit={(event) => void run(event)}>
        <h2>{title}</h2>
        {children}
        <Wrong error={error} />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>
            {act === undefined ? 'Close' : 'Leave it'}
          </button>
          {act !== undefined && (
            <button
              type="submit"
              class={act.danger === true ? 'button danger' : 'button primary'}
              disabled={busy}
            >
              {act.label}
            </button>
          )}
        </div>
      </form>
    </dialog>
  )
}
