// Can this server take requests? Only when what it acknowledges would last, and while it is neither stopping nor draining.

import type { Store } from '../ports/store.ts'

type Check = { readonly name: string; readonly ok: boolean; readonly detail: string }

export type Readiness = {
  ready(): Promise<{ ok: boolean; checks: Check[] }>
  /** It is about to stop. */
  leave(): void
  /** It still answers, but whoever comes again is to go elsewhere. */
  leaving(): boolean
}

export function readiness(store: Store, node: { readonly draining: boolean }): Readiness {
  let stopping = false
  const leaving = (): boolean => stopping || node.draining
  return {
    leave() {
      stopping = true
    },
    leaving,
    async ready() {
      const detail = stopping ? 'stopping' : node.draining ? 'draining' : 'yes'
      const checks = [await storeCheck(store), { name: 'accepting', ok: !leaving(), detail }]
      return { ok: checks.every(({ ok }) => ok), checks }
    },
  }
}

async function storeCheck(store: Store): Promise<Check> {
  try {
    return { name: 'store', ok: true, detail: await store.housekeeping.ping() }
  } catch (error) {
    return { name: 'store', ok: false, detail: (error as Error).message }
  }
}
