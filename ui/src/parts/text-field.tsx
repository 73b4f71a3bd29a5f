// A line of text with its label.

import type { InputHTMLAttributes } from 'preact'
import { Field, type FieldProps } from './field.tsx'

type Props = Omit<FieldProps, 'children'> &
  Omit<InputHTMLAttributes<HTMLInputElement>, 'label' | 'value' | 'onInput' | 'onChange'> & {
    readonly value: string | number
    readonly onText: (text: string) => void
    /** Told when it is left, not with every key: what is typed is read as a whole. */
    readonly whole?: true
  }

export function TextField({ label, hint, wrong, value, onText, whole, ...input }: Props) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(ids) => (
        <input
          {...input}
          {...ids}
          value={value}
          {...{
            [whole === true ? 'onChange' : 'onInput']: (event: { currentTarget: HTMLInputElement }) =>
              onText(event.currentTarget.value),
          }}
        />
      )}
    </Field>
  )
}
