// No file imports itself by a detour. A circle of values can break at start, depending on who comes first;
// one that closes only through types cannot, but still makes two files one that are meant to be two.

import { type Source, sourcesOf } from './sources.ts'
import type { Rule, Violation } from './violation.ts'

type Graph = ReadonlyMap<string, readonly string[]>

const NAME = 'circles'

export const circleRule: Rule = {
  name: NAME,
  check(files) {
    const sources = sourcesOf(files, /^(?:src|test|scripts|bench|ui\/src)\//)
    const values = circles(graphOf(sources, false))
    const inValues = new Set(values.flat())
    const types = circles(graphOf(sources, true)).filter(
      (circle) => !circle.some((path) => inValues.has(path)),
    )
    return [
      ...values.map((circle) =>
        report(sources, circle, 'a circle of imports', 'Move what both need to a file of its own.'),
      ),
      ...types.map((circle) =>
        report(
          sources,
          circle,
          'a circle that closes only through type imports',
          'Move the shared types to a file of their own.',
        ),
      ),
    ]
  },
}

function report(
  sources: readonly Source[],
  circle: readonly string[],
  what: string,
  mend: string,
): Violation {
  const [first, second] = [circle[0]!, circle[1] ?? circle[0]!]
  const source = sources.find(({ path }) => path === first)!
  const line =
    source.imports.find(({ target }) => target.kind === 'file' && target.path === second)?.line ?? 1
  return { path: first, line, rule: NAME, message: `${what}: ${[...circle, first].join(' → ')}. ${mend}` }
}

function graphOf(sources: readonly Source[], withTypes: boolean): Graph {
  const known = new Set(sources.map(({ path }) => path))
  return new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.flatMap(({ target, typeOnly }) =>
        target.kind === 'file' && known.has(target.path) && (withTypes || !typeOnly) ? [target.path] : [],
      ),
    ]),
  )
}

/** The shortest circle through every file that lies on one, each circle once. */
function circles(graph: Graph): string[][] {
  const found: string[][] = []
  const told = new Set<string>()
  for (const start of graph.keys()) {
    if (told.has(start)) continue
    const circle = shortestBack(graph, start)
    if (circle === null) continue
    for (const path of circle) told.add(path)
    found.push(circle)
  }
  return found
}

function shortestBack(graph: Graph, start: string): string[] | null {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const next of graph.get(path) ?? []) {
      if (next === start) return trace(cameFrom, start, path)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, path)
      queue.push(next)
    }
  }
  return null
}

function trace(cameFrom: ReadonlyMap<string, string>, start: string, last: string): string[] {
  const back = [last]
  while (back.at(-1) !== start) back.push(cameFrom.get(back.at(-1)!)!)
  return back.reverse()
}
