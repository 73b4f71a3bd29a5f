// Is a ledger complete? Every due instant has exactly one entry: a scheduled run of its own, or one gap that covers
// it and counts right. What is due comes from the caller, who must not have asked the product for it.

export type LedgerEntries = {
  readonly runs: readonly { readonly id: string; readonly trigger: string; readonly dueAt: number }[]
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly count: number }[]
}

/** What is wrong, one line each; empty: nothing. `due` in any order, without repeats. */
export function checkLedger(due: readonly number[], { runs, gaps }: LedgerEntries): string[] {
  const instants = [...due].sort((a, b) => a - b)
  const entries = new Map<number, string[]>(instants.map((at) => [at, []]))
  const faults: string[] = []
  for (const run of runs) {
    if (run.trigger !== 'schedule') continue
    const there = entries.get(run.dueAt)
    if (there === undefined) faults.push(`phantom: ${run.id} is due at ${text(run.dueAt)}, which is not due`)
    else there.push(run.id)
  }
  for (const gap of gaps) {
    const covered = within(instants, gap.from, gap.to)
    const name = `gap ${text(gap.from)}..${text(gap.to)}`
    if (!entries.has(gap.from) || !entries.has(gap.to))
      faults.push(`phantom: ${name} does not begin and end with a due instant`)
    if (covered.length !== gap.count)
      faults.push(`count: ${name} says ${gap.count}, covers ${covered.length} due instants`)
    for (const at of covered) entries.get(at)!.push(name)
  }
  for (const [at, there] of entries) {
    if (there.length === 0) faults.push(`missing: ${text(at)} was due and has no entry`)
    if (there.length > 1) faults.push(`twice: ${text(at)} has ${there.length} entries: ${there.join(', ')}`)
  }
  return faults
}

function within(instants: readonly number[], from: number, to: number): readonly number[] {
  return instants.slice(firstFrom(instants, from), firstFrom(instants, to + 1))
}

/** Position of the first instant that is not before `at`. */
function firstFrom(instants: readonly number[], at: number): number {
  let low = 0
  let high = instants.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (instants[middle]! < at) low = middle + 1
    else high = middle
  }
  return low
}

function text(at: number): string {
  return new Date(at).toISOString()
}
