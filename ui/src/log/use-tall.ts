// Only the rows that can be seen are there, however many there are.

import { useEffect, useReducer, useRef } from 'preact/hooks'
import { canvasRows, type Place, placeOf, scrolledTo, type Tall } from './tall.ts'

const OVERSCAN = 20

/** `at`: its place in what is laid out, in pixels. */
type Row = { readonly row: number; readonly at: number }

export function useTall(count: number, rowHeight: number, onBack: () => void) {
  const scroller = useRef<HTMLDivElement>(null)
  const place = useRef<Place>({ shift: 0, top: 0 })
  const sight = useRef(0)
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const tall = (): Tall => {
    sight.current = (scroller.current?.clientHeight ?? 0) / rowHeight
    return { count, sight: sight.current }
  }
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const watch = new ResizeObserver(() => redraw(0))
    watch.observe(element)
    return () => watch.disconnect()
  }, [])

  const go = (next: Place): void => {
    const element = scroller.current
    if (element === null) return
    if (Math.abs(element.scrollTop - next.top * rowHeight) >= 1) element.scrollTop = next.top * rowHeight
    // As the browser has it, which rounds and ends where it ends.
    const top = element.scrollTop / rowHeight
    const moved = top !== place.current.top || next.shift !== place.current.shift
    place.current = { shift: next.shift, top }
    if (moved) redraw(0)
  }
  const onScroll = (): void => {
    const before = place.current
    const top = (scroller.current?.scrollTop ?? 0) / rowHeight
    // What was set here comes back as an event.
    if (Math.abs(top - before.top) * rowHeight < 1) return
    const next = scrolledTo(top, before, tall())
    if (next.shift + next.top < before.shift + before.top) onBack()
    go(next)
  }
  /** Browsers go to an end in many frames, and stop where the canvas is moved on meanwhile. */
  const onKeyDown = (event: KeyboardEvent): void => {
    const end = endOf(event)
    if (end === null) return
    event.preventDefault()
    if (end === 'first') onBack()
    show(end === 'first' ? 0 : count - 1, 'end')
  }
  /** Rows count from 0. */
  const show = (row: number, align: 'center' | 'end'): void => {
    const { sight: seen } = tall()
    go(placeOf(row - (align === 'end' ? seen - 1 : (seen - 1) / 2), { count, sight: seen }))
  }
  tall()
  const canvas = canvasRows(count)
  const { shift, top } = place.current
  const first = Math.max(0, Math.floor(top) - OVERSCAN)
  const last = Math.min(canvas, Math.ceil(top + sight.current) + OVERSCAN)
  const rows: Row[] = []
  for (let n = first; n < last; n += 1) rows.push({ row: shift + n, at: n * rowHeight })
  return { scroller, rows, height: canvas * rowHeight, show, onScroll, onKeyDown }
}

/** Home and End, also with Control, and what stands for them on a Mac. */
function endOf({ key, altKey, shiftKey, metaKey }: KeyboardEvent): 'first' | 'last' | null {
  if (altKey || shiftKey) return null
  if (key === 'Home' || (metaKey && key === 'ArrowUp')) return 'first'
  return key === 'End' || (metaKey && key === 'ArrowDown') ? 'last' : null
}
