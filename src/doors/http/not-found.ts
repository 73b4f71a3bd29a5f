// What to say where there is nothing: which methods there are, or which address was probably meant.

import { HttpProblem } from './http-problem.ts'
import { nearestWord } from './nearest-word.ts'

type Place = { readonly method: string; readonly path: string }

export function nothingHere(places: readonly Place[], method: string, url: string): HttpProblem {
  const path = url.split('?', 1)[0]!
  const segments = path.split('/')
  const here = places.filter((place) => matches(place.path.split('/'), segments))
  if (here.length > 0) {
    const methods = [
      ...new Set(here.flatMap((place) => (place.method === 'GET' ? ['GET', 'HEAD'] : [place.method]))),
    ]
    const allow = methods.join(', ')
    return new HttpProblem('method_not_allowed', `${method} is not possible here; ${allow} is.`, {
      headers: { Allow: allow },
    })
  }
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path
  const meant = nearestWord(path, filledIn(places, segments))
  const hint =
    meant === null ? 'All addresses are listed at /docs and /openapi.json.' : `Did you mean ${meant}?`
  return new HttpProblem('route_not_found', `There is nothing at ${shown}. ${hint}`)
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, n) => (part.startsWith('{') ? segments[n] !== '' : part === segments[n]))
  )
}

/** The known paths of the same length, their parameters taken from what was asked for. */
function filledIn(places: readonly Place[], segments: readonly string[]): string[] {
  const paths = places.map(({ path }) => path.split('/')).filter(({ length }) => length === segments.length)
  return [
    ...new Set(
      paths.map((parts) => parts.map((part, n) => (part.startsWith('{') ? segments[n] : part)).join('/')),
    ),
  ]
}
