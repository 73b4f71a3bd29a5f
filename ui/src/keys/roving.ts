// Many small links as one stop of the Tab key: the arrows walk among them, Home and End leap.

import { useEffect, useRef } from 'preact/hooks'

type Links = readonly HTMLAnchorElement[]

const ALONG: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowRight: (at) => at + 1,
  ArrowLeft: (at) => at - 1,
  Home: () => 0,
  End: (_, count) => count - 1,
}

/** `leap`: so many links up and down; without it they stand in columns, and not every place has one. */
export function useRoving<T extends HTMLElement>(leap?: number) {
  const place = useRef<T>(null)
  useEffect(() => {
    const root = place.current
    if (root === null) return
    const links = (): Links => [...root.querySelectorAll<HTMLAnchorElement>('a')]
    const rest = (): void => {
      const all = links()
      const here = all.find((link) => link === document.activeElement) ?? all[0]
      for (const link of all) link.tabIndex = link === here ? 0 : -1
    }
    const onKey = (event: KeyboardEvent): void => {
      const all = links()
      const at = all.indexOf(event.target as HTMLAnchorElement)
      const next = at < 0 ? undefined : nextOf(all, at, event.key, leap)
      if (next === undefined) return
      event.preventDefault()
      next.focus()
      rest()
    }
    rest()
    root.addEventListener('keydown', onKey)
    return () => root.removeEventListener('keydown', onKey)
  })
  return place
}

function nextOf(
  all: Links,
  at: number,
  key: string,
  leap: number | undefined,
): HTMLAnchorElement | undefined {
  const along = ALONG[key]
  if (along !== undefined) return all[along(at, all.length)]
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined
  const down = key === 'ArrowDown'
  if (leap !== undefined) return all[down ? at + leap : at - leap]
  const here = all[at]!.getBoundingClientRect()
  const column = (down ? all.slice(at + 1) : all.slice(0, at).toReversed()) as Links
  return column.find((link) => Math.abs(link.getBoundingClientRect().left - here.left) < 2)
}
