// One process of run.ts: does as it is ordered, and says how it went.

import { inspect } from 'node:util'
import { fuzz, type Tally } from './fuzz.ts'

export type Order = { readonly seed: number; readonly requests: number }

export type Told = { readonly tally: Tally; readonly resident: number } | { readonly error: string }

process.on('message', async (order: Order) => {
  const told: Told = await fuzz(order).then(
    (tally) => ({ tally, resident: process.memoryUsage.rss() }),
    (error: unknown) => ({ error: inspect(error) }),
  )
  process.send?.(told)
})
