// Ten bugs a scheduler like this could have: where each is planted, which faults bring it out, and which promise it then
// breaks. A change of the product that moves the words makes planting fail; then the bug is planted where they went.

import type { Act } from '../bed/play.ts'
import type { Invariant } from '../checker/verdict.ts'
import type { Change } from './plant.ts'

export type Bug = {
  readonly name: string
  readonly changes: readonly Change[]
  readonly acts: readonly Act[]
  /** One of these must be among the findings. */
  readonly breaks: readonly Invariant[]
  /** What it leaves in the ledger makes the database refuse: a caller is answered 500 in the middle, and that is red too. */
  readonly spoilsAnswers?: true
}

const STORE = 'src/adapters/postgres'

export const BUGS: readonly Bug[] = [
  {
    name: 'runs are claimed without a lock',
    changes: [
      {
        file: `${STORE}/claim.ts`,
        find: 'LIMIT $2 FOR UPDATE SKIP LOCKED`)} ORDER BY r.ready_at, r.no`',
        put: 'LIMIT $2`)} ORDER BY r.ready_at, r.no`',
      },
    ],
    acts: [['slow', 'slow']],
    breaks: ['identity', 'lease'],
  },
  {
    name: 'the next due instant is advanced before, and not with, the runs it stands for',
    changes: [
      {
        file: `${STORE}/plan.ts`,
        find: '    await this.#writer.write(tx, owed, open, leaser, ledgered)\n',
        put: '',
      },
      {
        file: `${STORE}/plan.ts`,
        find: '    await tx.run(ADVANCE, ...columns(rows, 6))\n',
        put: `    await tx.run(ADVANCE, ...columns(rows, 6))
    await tx.run(sql('COMMIT'))
    await tx.run(sql('BEGIN'))
    await this.#writer.write(tx, owed, open, leaser, ledgered)
`,
      },
    ],
    acts: [
      ['reset', 'reset'],
      ['reset', 'reset'],
      ['reset', 'reset'],
    ],
    breaks: ['record'],
  },
  {
    name: 'the end of an attempt is written without looking at its fence',
    changes: [
      { file: `${STORE}/settle.ts`, find: ' AND r.fence = s.fence AND r.node_no', put: ' AND r.node_no' },
    ],
    acts: [['half-open'], ['half-open']],
    breaks: ['fence', 'lease'],
  },
  {
    name: "leases are judged by a node's own clock",
    changes: [
      { file: `${STORE}/nodes.ts`, find: 'tx.all(LAPSED, tx.now)', put: 'tx.all(LAPSED, Date.now())' },
      {
        file: `${STORE}/nodes.ts`,
        find: 'tx.all(TAKE_OVER, tx.now, no)',
        put: 'tx.all(TAKE_OVER, Date.now(), no)',
      },
      {
        // On a busy machine a node that is well is leasing at most moments, and this alone would hide the bug.
        file: `${STORE}/nodes.ts`,
        find: '      if ((await tx.get(TRY_LOCK, no))?.got !== true) continue\n',
        put: '      await tx.get(TRY_LOCK, no)\n',
      },
    ],
    acts: [['clock']],
    breaks: ['explained'],
  },
  {
    name: 'a thread renews the lease and does not look whether the node works',
    changes: [
      {
        file: `${STORE}/nodes.ts`,
        find: '      const epoch = row!.no\n',
        put: `      const epoch = row!.no
      new Worker(BLINDLY, { eval: true, workerData: { id, leaseMs, store: process.argv, from: import.meta.url } }).unref()
`,
      },
      {
        file: `${STORE}/nodes.ts`,
        find: "import { sql } from './sql.ts'\n",
        put: `import { Worker } from 'node:worker_threads'
import { sql } from './sql.ts'

const BLINDLY = \`
const { workerData: { id, leaseMs, store, from } } = require('node:worker_threads')
const { Client } = require('node:module').createRequire(from)('pg')
const client = new Client(store[store.indexOf('--store') + 1].replace(/,[^/]*/, ''))
client.on('error', () => {})
const until = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + ' + leaseMs
client.connect().then(() => setInterval(() => client.query('UPDATE nodes SET lease_until = ' + until + ' WHERE id = $1', [id]).catch(() => {}), 1000))
\`
`,
      },
      {
        file: 'src/engine/membership.ts',
        find: '    return this.#options.clock.monotonic() < this.#validUntil\n',
        put: '    return this.#member\n',
      },
    ],
    acts: [['stall']],
    breaks: ['takeover'],
  },
  {
    name: 'a node is known by the name of its host',
    changes: [
      {
        file: 'src/main/server.ts',
        find: "newId: () => chance.id('nod')",
        put: 'newId: () => config.nodeName',
      },
      {
        file: `${STORE}/nodes.ts`,
        find: 'VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING no`',
        put: `VALUES ($1, $2, $3, $4, $5, $6, $7)
   ON CONFLICT (id) DO UPDATE SET pid = excluded.pid, started_at = excluded.started_at, lease_until = excluded.lease_until,
     left_at = NULL, ended = NULL, emptied_at = NULL RETURNING no\``,
      },
    ],
    acts: [['kill']],
    breaks: ['nodes'],
  },
  {
    name: 'a request is answered before what it did is committed',
    changes: [
      {
        file: `${STORE}/database.ts`,
        find: '        await this.#commit(connection)\n',
        put: '        this.#commit(connection).catch(() => {})\n',
      },
    ],
    acts: [
      ['reset', 'reset'],
      ['reset', 'reset'],
    ],
    // What was said to be written is gone: as an answer to a caller, or as the run that a ring belongs to.
    breaks: ['acknowledged', 'identity'],
  },
  {
    name: 'whether a job is paused is looked up before its row is locked',
    changes: [
      {
        file: `${STORE}/plan.ts`,
        find: 'ORDER BY j.next_due_at LIMIT $2\n   FOR NO KEY UPDATE OF j SKIP LOCKED`',
        put: 'ORDER BY j.next_due_at LIMIT $2`',
      },
      {
        file: `${STORE}/plan.ts`,
        find: '    if (decided.length === 0) return\n    const owed',
        put: `    const rowsNow = await tx.all(LOCK, decided.map(({ row }) => row.jobNo))
    const locked = new Set(rowsNow.map(({ no }) => no))
    decided = decided.filter(({ row }) => locked.has(row.jobNo))
    if (decided.length === 0) return
    const owed`,
      },
      {
        file: `${STORE}/plan.ts`,
        find: 'const ADVANCE = sql(',
        put: `const LOCK = sql<{ no: number }>(
  'SELECT no FROM jobs WHERE no = ANY($1::bigint[]) FOR NO KEY UPDATE SKIP LOCKED',
)
const ADVANCE = sql(`,
      },
    ],
    acts: [
      ['slow', 'slow', 'slow'],
      ['slow', 'slow', 'slow'],
    ],
    // All of the row is as old as that lookup: what another node has planned since is planned again, with a gap over its runs.
    breaks: ['reason', 'record'],
    spoilsAnswers: true,
  },
  {
    name: 'a run that is taken over goes on as the same attempt',
    changes: [
      {
        file: `${STORE}/ready-runs.ts`,
        find: 'attempts = r.attempts + 1, node_no',
        put: "attempts = r.attempts + CASE WHEN r.cause = 'node_lost' THEN 0 ELSE 1 END, node_no",
      },
      {
        file: `${STORE}/ready-runs.ts`,
        find: 'fence: fence + 1, attempts: attempts + 1, startBy',
        put: "fence: fence + 1, attempts: attempts + (row.cause === 'node_lost' ? 0 : 1), startBy",
      },
      {
        file: `${STORE}/finish.ts`,
        find: '$8::bigint[], $9::text[], $10::text[], $11::integer[])`',
        put: '$8::bigint[], $9::text[], $10::text[], $11::integer[]) ON CONFLICT DO NOTHING`',
      },
    ],
    acts: [['kill']],
    breaks: ['identity'],
  },
  {
    name: 'retention forgets runs that are under way',
    changes: [
      {
        file: `${STORE}/sweep-job.ts`,
        find: 'WHERE job_no = $1 AND finished_at IS NOT NULL) r',
        put: 'WHERE job_no = $1) r',
      },
      // The database itself would refuse.
      {
        file: `${STORE}/sweep-job.ts`,
        find: 'await tx.run(DELETE_RUNS, ids, dues)',
        put: `await tx.run(sql("SET LOCAL session_replication_role = 'replica'"))
    await tx.run(DELETE_RUNS, ids, dues)`,
      },
      // Otherwise it would take a minute to come out.
      { file: `${STORE}/sweep-job.ts`, find: 'LOOK_AGAIN_MS = 60_000', put: 'LOOK_AGAIN_MS = 1_000' },
      { file: 'src/main/engine.ts', find: 'SWEEP_EVERY_MS = 60_000', put: 'SWEEP_EVERY_MS = 1_000' },
    ],
    acts: [['pause'], ['pause']],
    breaks: ['told', 'identity'],
  },
]
