// A choice that the browser remembers. Where it may not, the choice holds until the page is left.

import { effect, type Signal, signal } from '@preact/signals'

export function storedChoice<const T extends string>(
  name: string,
  choices: readonly T[],
  otherwise: T,
): Signal<T> {
  const key = `carillon.${name}`
  const choice = signal<T>(read(key, choices) ?? otherwise)
  effect(() => {
    try {
      localStorage.setItem(key, choice.value)
    } catch {
      // Private windows may forbid it.
    }
  })
  return choice
}

function read<T extends string>(key: string, choices: readonly T[]): T | null {
  try {
    const stored = localStorage.getItem(key)
    return choices.find((choice) => choice === stored) ?? null
  } catch {
    return null
  }
}
