// A store that can fail: away for a while, or dying with its process right before or after a chosen step.

import { type Store, StoreUnavailable } from '../../src/ports/store.ts'
import { READING_STEPS } from '../support/reading-steps.ts'

export type CrashPoint = { readonly step: number; readonly when: 'before' | 'after' }

export class Gate {
  /** Writing steps so far, of all processes that used this gate. */
  steps = 0
  /** While true every step fails as a full disk or a lost connection would. */
  away = false
  /** The next step of this name is carried out, and its answer is lost on the way. */
  answerLostOf: string | null = null
  crashAt: CrashPoint | null = null
  /** The step at which it died. */
  diedAt: string | null = null

  /** The store as one process sees it. `die` is called when the crash point is reached; it must end `life`. */
  open(store: Store, life: AbortSignal, die: () => void): Store {
    const crash = (name: string): void => {
      this.crashAt = null
      this.diedAt = name
      die()
    }
    const call = async (name: string, act: () => Promise<unknown>): Promise<unknown> => {
      if (life.aborted) return never()
      if (this.away) throw new StoreUnavailable('the store is away')
      if (READING_STEPS.has(name.split('.')[1]!)) return act()
      this.steps += 1
      const point = this.crashAt?.step === this.steps ? this.crashAt.when : null
      if (point === 'before') {
        crash(`before ${name}`)
        return never()
      }
      const result = await act()
      if (point === 'after') crash(`after ${name}`)
      if (life.aborted) return never()
      if (this.answerLostOf !== name) return result
      this.answerLostOf = null
      throw new StoreUnavailable('the connection broke')
    }
    return gated(store, call)
  }
}

type Call = (name: string, act: () => Promise<unknown>) => Promise<unknown>

function gated(store: Store, call: Call): Store {
  const groups = [
    'jobs',
    'runs',
    'outbox',
    'nodes',
    'projects',
    'keys',
    'agents',
    'handed',
    'once',
    'logs',
    'scripts',
    'secrets',
    'housekeeping',
  ] as const
  const parts = groups.map((group) => [group, gatedGroup(group, store[group], call)])
  // It goes around steps, which are gated themselves.
  const { audit, hints } = store
  return { ...Object.fromEntries(parts), audit, hints, [Symbol.asyncDispose]: async () => {} } as Store
}

function gatedGroup(group: string, part: object, call: Call): object {
  return new Proxy(part, {
    get(target, name) {
      const method = Reflect.get(target, name)
      if (typeof name !== 'string' || typeof method !== 'function') return method
      return (...values: unknown[]) => call(`${group}.${name}`, () => method.apply(target, values))
    },
  })
}

/** What a dead process gets: no answer, ever. */
function never(): Promise<never> {
  return new Promise(() => {})
}
