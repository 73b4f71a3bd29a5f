// Can this server take requests? Only when what it acknowledges would last, and while it is not stopping.

import type { Store } from '../ports/store.ts'

type Check = { readonly name: string; readonly ok: boolean; readonly detail: string }

export function readiness(store: Store): {
  ready(): Promise<{ ok: boolean; checks: Check[] }>
  drain(): void
} {
  let draining = false
  return {
    drain() {
      draining = true
    },
    async ready() {
      const checks = [
        await storeCheck(store),
        { name: 'accepting', ok: !draining, detail: draining ? 'stopping' : 'yes' },
      ]
      return { ok: checks.every(({ ok }) => ok), checks }
    },
  }
}

async function storeCheck(store: Store): Promise<Check> {
  try {
    await store.housekeeping.ping()
    return { name: 'store', ok: true, detail: 'writes are durable' }
  } catch (error) {
    return { name: 'store', ok: false, detail: (error as Error).message }
  }
}
