// Labels: words that jobs are found by and agents are chosen by.

import { type Problems, pointerStep } from './errors.ts'

export const LABEL_LIMITS = { keyMax: 63, valueMax: 255 } as const

type Labels = Readonly<Record<string, string>>

export function checkLabels(labels: Labels, problems: Problems, pointer: string, max: number): void {
  const entries = Object.entries(labels)
  if (entries.length > max) {
    problems.add(pointer, 'labels_too_many', `There are at most ${max} labels here, not ${entries.length}.`)
  }
  for (const [key, value] of entries.slice(0, max)) {
    const at = `${pointer}/${pointerStep(key)}`
    if (!/^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?$/.test(key) || key.length > LABEL_LIMITS.keyMax) {
      problems.add(
        at,
        'label_invalid',
        `A label's name has 1 to ${LABEL_LIMITS.keyMax} of A-Z a-z 0-9 . _ / - and starts and ends with a letter or digit.`,
      )
    }
    if (value.length > LABEL_LIMITS.valueMax) {
      problems.add(at, 'label_too_long', `A label's value has at most ${LABEL_LIMITS.valueMax} characters.`)
    }
  }
}
