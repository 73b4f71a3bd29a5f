import type { Given, Notice } from '../given.ts'

/** What a system's variables say; `problems` for a value that cannot be read. */
export type ReplacedEnvironment = (read: (name: string) => string | undefined) => {
  readonly given: readonly Given[]
  readonly problems: readonly Notice[]
}
