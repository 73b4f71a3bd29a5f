// A labelled control with its hint and what is wrong with it.

import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

export type FieldProps = {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly wrong?: ComponentChildren
  readonly children: (ids: {
    id: string
    'aria-describedby': string
    'aria-invalid': boolean
  }) => ComponentChildren
}

export function Field({ label, hint, wrong, children }: FieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-about`, 'aria-invalid': wrong !== undefined })}
      <div id={`${id}-about`}>
        {wrong !== undefined && <div class="wrong">{wrong}</div>}
        {hint !== undefined && <p class="hint">{hint}</p>}
      </div>
    </div>
  )
}
