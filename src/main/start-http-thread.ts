// Starts the thread of http-thread.ts, from the sources or from what was built of them.

import { getCompileCacheDir } from 'node:module'
import { extname } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { AddressPolicy } from '../dispatch/address-rules.ts'

export type HttpThreadSettings = {
  readonly addresses: AddressPolicy
  readonly userAgent: string
  readonly connectionsPerOrigin: number
  /** Of the cell that says until when the node's lease holds. */
  readonly lease: SharedArrayBuffer
  /** Has this process one? */
  readonly compileCache: boolean
}

/** Room for what is under way at once, so that it need not be copied about while it waits for its answer. */
const YOUNG_GENERATION_MIB = 128

/**
 * What the process gave itself (bin/little-room.js) would go before the limit of a thread: from here on nothing is said.
 * What its operator said by NODE_OPTIONS holds for the thread too.
 */
const GIVEN_BY_ITSELF = '--max-semi-space-size=8'
const LIMIT_OF_ITS_OWN = '--max-semi-space-size=0'

export function startHttpThread(settings: Omit<HttpThreadSettings, 'compileCache'>): Worker {
  const file = new URL(`./http-thread${extname(import.meta.filename)}`, import.meta.url)
  if (process.execArgv.includes(GIVEN_BY_ITSELF)) setFlagsFromString(LIMIT_OF_ITS_OWN)
  return new Worker(file, {
    workerData: {
      ...settings,
      compileCache: getCompileCacheDir() !== undefined,
    } satisfies HttpThreadSettings,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  })
}
