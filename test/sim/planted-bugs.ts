// Bugs that a simulation has to find, each planted in a copy of the sources. The words to change stand in the sources
// once; when they are changed there, the bug has to be planted anew.

import type { Change } from '../cluster/planted/plant.ts'
import type { Fault } from './sim-options.ts'

export type PlantedBug = Change & {
  readonly name: string
  /** It takes another change elsewhere. */
  readonly also?: Change
  /** The faults it takes to find it, so that it is found soon. */
  readonly faults?: readonly Fault[]
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'a report under an old fence counts',
    file: 'src/adapters/sqlite/settle.ts',
    find: 'if (live?.fence !== run.fence) {',
    put: 'if (live === undefined) {',
    also: { file: 'src/adapters/sqlite/live-runs.ts', find: ' AND r.node_no IS NOT NULL', put: '' },
    faults: ['freeze', 'freeze at a step', 'cut one'],
  },
  {
    name: 'the watermark moves on without the entries, now and then',
    file: 'src/adapters/sqlite/plan.ts',
    find: '      this.#writer.write(owner, plan, now, leaser, into)',
    put: '      if (now % 50 !== 0) this.#writer.write(owner, plan, now, leaser, into)',
  },
  {
    name: 'what is taken over is not another attempt',
    file: 'src/adapters/sqlite/ready-runs.ts',
    find: 'fence = fence + 1, attempts = attempts + 1, node_no = ?1',
    put: "fence = fence + 1, attempts = attempts + (cause <> 'node_lost'), node_no = ?1",
    faults: ['kill', 'freeze'],
  },
  {
    name: 'a lost attempt of an at-most-once run is repeated',
    file: 'src/domain/settle.ts',
    find: "policy.delivery === 'at_most_once' && reached(outcome) !== 'no'",
    put: "policy.delivery === 'at_most_once' && reached(outcome) === 'yes'",
    faults: ['kill', 'freeze'],
  },
  {
    name: 'a node believes in its lease for ever',
    file: 'src/engine/membership.ts',
    find: 'return this.#options.clock.monotonic() < this.#validUntil',
    put: 'return this.#member',
    faults: ['freeze at a step'],
  },
  {
    name: 'nobody looks for what was leased unheard',
    file: 'src/agent/unheard-leases.ts',
    find: 'if (this.#doubtedAt === null || this.#asking > 0) return []',
    put: 'if (this.#clock.now() > 0) return []',
    faults: ['lost answers'],
  },
  {
    name: 'a repeated request is carried out again',
    file: 'src/adapters/sqlite/change-job.ts',
    find: '      this.#marks.write(options.once)\n',
    put: '',
  },
  {
    name: 'some of those who are to be told are forgotten',
    file: 'src/adapters/sqlite/finish.ts',
    find: '    if (run.hasCallback === 0) return\n',
    put: '    if (run.hasCallback === 0 || at % 50 === 0) return\n',
  },
  {
    name: 'an edit forgets what was due before it',
    file: 'src/commands/edited-job.ts',
    find: 'return { plan: owed, job:',
    put: 'return { plan: null, job:',
  },
  {
    name: 'a pause does not hold',
    file: 'src/domain/plan.ts',
    find: "if (job.status !== 'paused' || job.pause === null) return null",
    put: 'if (job.runsPlanned >= 0) return null',
  },
  {
    name: 'nobody takes over from a node that is gone',
    file: 'src/adapters/sqlite/nodes.ts',
    find: 'WHERE emptied_at IS NULL AND left_at IS NULL AND lease_until < ?1 RETURNING no',
    put: 'WHERE emptied_at IS NULL AND left_at IS NULL AND lease_until < ?1 - 100000000 RETURNING no',
    faults: ['kill'],
  },
  {
    name: 'queued runs start beside the one before them',
    file: 'src/domain/overlap.ts',
    find: '  if (open === 0) return start\n',
    put: "  if (open === 0 || mode === 'queue') return start\n",
  },
]
