// Many small links as one stop of the Tab key: the arrows walk among them, Home and End leap.

import { useEffect, useRef } from 'preact/hooks'

const STEPS: Readonly<Record<string, (at: number, width: number, count: number) => number>> = {
  ArrowRight: (at) => at + 1,
  ArrowLeft: (at) => at - 1,
  ArrowDown: (at, width) => at + width,
  ArrowUp: (at, width) => at - width,
  Home: () => 0,
  End: (_, __, count) => count - 1,
}

/** `width`: links in a row, for up and down. */
export function useRoving<T extends HTMLElement>(width: number) {
  const place = useRef<T>(null)
  useEffect(() => {
    const root = place.current
    if (root === null) return
    const links = (): HTMLAnchorElement[] => [...root.querySelectorAll<HTMLAnchorElement>('a')]
    const rest = (): void => {
      const all = links()
      const here = all.find((link) => link === document.activeElement) ?? all[0]
      for (const link of all) link.tabIndex = link === here ? 0 : -1
    }
    const onKey = (event: KeyboardEvent): void => {
      const all = links()
      const at = all.indexOf(event.target as HTMLAnchorElement)
      const next = at < 0 ? undefined : all[STEPS[event.key]?.(at, width, all.length) ?? -1]
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
