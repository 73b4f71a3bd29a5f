// What a view is filtered by stands in its address, so that it can be shared and gone back to.

import { useCallback, useMemo } from 'preact/hooks'
import { useLocation, useSearch } from 'wouter-preact'

export type Address = {
  readonly get: (name: string) => string | null
  /** Values of null are taken out. `replace`: no new entry in the history, for what changes with every key. */
  readonly set: (values: Readonly<Record<string, string | null>>, options?: { replace?: boolean }) => void
}

export function useAddress(): Address {
  const search = useSearch()
  const [path, go] = useLocation()
  const params = useMemo(() => new URLSearchParams(search), [search])
  const get = useCallback((name: string) => params.get(name), [params])
  const set = useCallback<Address['set']>(
    (values, { replace = false } = {}) => {
      const next = new URLSearchParams(location.search)
      for (const [name, value] of Object.entries(values)) {
        if (value === null || value === '') next.delete(name)
        else next.set(name, value)
      }
      const text = next.toString()
      go(text === '' ? path : `${path}?${text}`, { replace })
    },
    [path, go],
  )
  return { get, set }
}
