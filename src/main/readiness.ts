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

/** `bus`: what is in the way of publishing, null where nothing is; absent: there is none. */
export function readiness(
  store: Store,
  node: { readonly draining: boolean },
  bus?: { trouble(): string | null },
): Readiness {
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
      const ok = checks.every((check) => check.ok)
      // It says how the bus is and does not turn requests away for it: all servers share it, and runs wait for it.
      return { ok, checks: bus === undefined ? checks : [...checks, busCheck(bus.trouble())] }
    },
  }
}

function busCheck(trouble: string | null): Check {
  return { name: 'bus', ok: trouble === null, detail: trouble ?? 'connected' }
}

async function storeCheck(store: Store): Promise<Check> {
  try {
    return { name: 'store', ok: true, detail: await store.housekeeping.ping() }
  } catch (error) {
    return { name: 'store', ok: false, detail: (error as Error).message }
  }
}
