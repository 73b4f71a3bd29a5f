// What a person may say of a log to be shown.

import type { LogLine } from '../../sdk/index.ts'

export type LogOptions = {
  readonly follow?: boolean
  readonly attempt?: number
  readonly part?: number
  readonly agent?: string
  readonly stream?: readonly LogLine['stream'][]
  readonly tail?: number
  readonly timestamps?: boolean
  readonly raw?: boolean
}
