// Scrolling through more rows than an element may be high: browsers end at 17 million pixels, a log of a million lines at 20. Up to
// CANVAS_ROWS rows are laid out; of more, as many, and `shift` says how many lie before them. By small steps one scrolls
// row by row; a drag of the bar goes as far through all rows as through those laid out. Pure.

export const CANVAS_ROWS = 100_000
/** So far from the ends of the canvas it is moved on, unless it is the end of all rows. */
const EDGE = 500
/** Of a row: browsers round. */
const END = 0.1
/** The bar may be off by so many rows of the canvas before it is set right. */
const OFF_MAX = 5_000

/** `sight`: rows that are seen at once. */
export type Tall = { readonly count: number; readonly sight: number }
/** `top`: rows of the canvas above what is seen; it may lie within one. */
export type Place = { readonly shift: number; readonly top: number }

export function canvasRows(count: number): number {
  return Math.min(count, CANVAS_ROWS)
}

/** Where `row`, counted from 0, is the first that is seen, or as close as can be. */
export function placeOf(row: number, tall: Tall): Place {
  const { last } = bounds(tall)
  const wanted = clamp(row, last)
  return movedOn(evenly(wanted, tall), tall)
}

/** After the browser has scrolled to `top`. */
export function scrolledTo(top: number, from: Place, tall: Tall): Place {
  const { last, lastTop, beyond } = bounds(tall)
  if (beyond === 0) return { shift: 0, top }
  // The end of the bar is the end of all rows, by however small a step it is reached: a drag slows down before it.
  const ends = top < END || top > lastTop - END
  const dragged = ends && from.shift === shiftAt(from.top, tall)
  if (dragged || Math.abs(top - from.top) > 2 * tall.sight) return { shift: shiftAt(top, tall), top }
  const row = clamp(from.shift + top, last)
  const even = evenly(row, tall)
  return movedOn(Math.abs(even.top - top) > OFF_MAX ? even : { shift: from.shift, top }, tall)
}

/** As far through the canvas as through all rows. */
function evenly(row: number, tall: Tall): Place {
  const { last, lastTop, beyond } = bounds(tall)
  const shift = beyond === 0 ? 0 : Math.round((row / last) * beyond)
  return { shift, top: clamp(row - shift, lastTop) }
}

/** As a bar at `top` says. */
function shiftAt(top: number, tall: Tall): number {
  const { lastTop, beyond } = bounds(tall)
  return Math.round((clamp(top, lastTop) / lastTop) * beyond)
}

/** Not so close to an end of the canvas that the next step would pass rows over. */
function movedOn(place: Place, tall: Tall): Place {
  const { lastTop, beyond } = bounds(tall)
  const row = place.shift + place.top
  if (place.top < EDGE && place.shift > 0) return shifted(row, Math.max(0, row - 2 * EDGE))
  if (place.top > lastTop - EDGE && place.shift < beyond)
    return shifted(row, Math.min(beyond, row - lastTop + 2 * EDGE))
  return place
}

function shifted(row: number, shift: number): Place {
  const whole = Math.round(shift)
  return { shift: whole, top: row - whole }
}

function bounds({ count, sight }: Tall): { last: number; lastTop: number; beyond: number } {
  const canvas = canvasRows(count)
  return { last: Math.max(0, count - sight), lastTop: Math.max(0, canvas - sight), beyond: count - canvas }
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(0, value), max)
}
