// What an option is: its name, how its text is read, what it is without a word said.

import type { Mode } from './config.ts'
import type { Kind } from './kinds.ts'

/** What a default may depend on. */
export type Surroundings = { readonly mode: Mode; readonly hostname: string; readonly terminal: boolean }

export type Option<T> = {
  readonly name: string
  readonly kind: Kind<NonNullable<T>>
  /** The text of the default, or how it is found; null: not set. */
  readonly default: string | null | ((around: Surroundings) => string)
  /** The default in words, where it depends on something. */
  readonly defaultWords?: string
  readonly description: string
  /** Never printed. Has no flag of its own, as command lines can be read by others: --<name>-file instead. */
  readonly secret?: true
}
