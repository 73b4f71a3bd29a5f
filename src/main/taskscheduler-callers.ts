// From which addresses tasks are taken: this machine, and what its owner has named.

import type { BlockList } from 'node:net'
import { blocksOf } from '../doors/http/trusted-proxies.ts'

/** Throws for what is no address. */
export function callersOf(callers: readonly string[]): BlockList {
  return blocksOf(['127.0.0.0/8', '::1', ...callers])
}
