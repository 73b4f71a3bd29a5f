// What was given, where: an option's text before it is read, and what went wrong on the way.

import type { Config } from './config.ts'

/** `origin` says where to go and mend it: "--listen", "CARILLON_LISTEN", "./carillon.yaml: listen". */
export type Given = { readonly key: keyof Config; readonly text: string; readonly origin: string }

export type Notice = { readonly origin: string; readonly detail: string; readonly suggestion?: string }

export type Gathered = {
  readonly given: readonly Given[]
  readonly problems: readonly Notice[]
  readonly warnings: readonly Notice[]
}

/** null: there is no such file. Throws when there is one that cannot be read. */
export type ReadFile = (path: string) => { readonly text: string; readonly mode: number } | null

export type Environment = Readonly<Record<string, string | undefined>>
