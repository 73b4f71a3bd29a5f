// Only the rows that can be seen are there, however many there are.

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core'
import { useEffect, useReducer, useRef, useState } from 'preact/hooks'

export type Virtual = Virtualizer<HTMLDivElement, HTMLDivElement>

export function useVirtual(count: number, rowHeight: number) {
  const scroller = useRef<HTMLDivElement>(null)
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 20,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(0),
  }
  const [virtual] = useState(() => new Virtualizer<HTMLDivElement, HTMLDivElement>(options))
  virtual.setOptions(options)
  useEffect(() => virtual._didMount(), [virtual])
  useEffect(() => virtual._willUpdate())
  return { scroller, virtual }
}
