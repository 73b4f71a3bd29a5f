// A store that writes down each of its steps that was asked for.

import type { Store } from '../../src/ports/store.ts'

export function counted(store: Store, asked: string[]): Store {
  const group = (name: string, part: object): object =>
    new Proxy(part, {
      get: (target, step) => {
        const method: unknown = Reflect.get(target, step)
        if (typeof method !== 'function') return method
        return (...values: unknown[]) => {
          asked.push(`${name}.${String(step)}`)
          return method.apply(target, values)
        }
      },
    })
  return new Proxy(store, {
    get: (target, name) => {
      const part: unknown = Reflect.get(target, name)
      return typeof name === 'string' && typeof part === 'object' && part !== null ? group(name, part) : part
    },
  })
}
