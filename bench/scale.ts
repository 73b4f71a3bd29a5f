// How much is measured, and with which settings of the server.

import { OPTIONS } from '../src/main/config/options.ts'

export type Scale = {
  /** Fewer and smaller rounds: a look, not a measurement. */
  readonly quick: boolean
  readonly serverArgs: readonly string[]
  readonly nodeArgs: readonly string[]
}

/** The connections the server opens to one host, unless --server says otherwise. */
export function connections({ serverArgs }: Scale): number {
  const given = serverArgs.indexOf('--connections-per-origin')
  return Number(given < 0 ? OPTIONS.connectionsPerOrigin.default : serverArgs[given + 1])
}
