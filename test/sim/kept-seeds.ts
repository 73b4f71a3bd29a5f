// Seeds that have found something, kept. What one seed does changes with the product and with the simulator, so beside
// each stands what it found; that itself is told as a story of its own among the flows.

export type KeptSeed = {
  readonly seed: number
  readonly hours: number
  readonly nodes?: number
  readonly found: string
}

export const KEPT_SEEDS: readonly KeptSeed[] = [
  { seed: 11, hours: 1, nodes: 2, found: 'a node without its lease went round without resting' },
  { seed: 21, hours: 1, nodes: 4, found: 'a run leased by a step whose answer was lost stayed under way' },
  { seed: 55, hours: 1, nodes: 2, found: 'the same, by a claim' },
  { seed: 37, hours: 1, nodes: 3, found: 'what was broken off with a lease was taken for never sent' },
]
