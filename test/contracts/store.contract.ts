// What every store promises, whatever it stores in. A new kind of store runs this whole and is done when it passes.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { agentsContract } from './agents.contract.ts'
import { auditContract } from './audit.contract.ts'
import { changeContract } from './change.contract.ts'
import { claimContract } from './claim.contract.ts'
import { figuresContract } from './figures.contract.ts'
import { gapsContract } from './gaps.contract.ts'
import { handedContract } from './handed.contract.ts'
import { jobsContract } from './jobs.contract.ts'
import { listsContract } from './lists.contract.ts'
import { logsContract } from './logs.contract.ts'
import { nodesContract } from './nodes.contract.ts'
import { onceContract } from './once.contract.ts'
import { outboxContract } from './outbox.contract.ts'
import { partsContract } from './parts.contract.ts'
import { planContract } from './plan.contract.ts'
import { projectsAndKeysContract } from './projects-and-keys.contract.ts'
import { queueContract } from './queue.contract.ts'
import { quotasContract } from './quotas.contract.ts'
import { racesContract } from './races.contract.ts'
import { retentionContract } from './retention.contract.ts'
import { scriptsContract } from './scripts.contract.ts'
import { secretsContract } from './secrets.contract.ts'
import { sequencesContract } from './sequences.contract.ts'
import { settleContract } from './settle.contract.ts'
import { sharesContract } from './shares.contract.ts'
import { visitsContract } from './visits.contract.ts'
import { type StoreKind, seededChance } from './world.ts'

const PARTS: Readonly<Record<string, (kind: StoreKind) => void>> = {
  jobs: jobsContract,
  'changes of jobs': changeContract,
  plans: planContract,
  'gaps and entries': gapsContract,
  claims: claimContract,
  'shares and keys': sharesContract,
  settlements: settleContract,
  queues: queueContract,
  outbox: outboxContract,
  parts: partsContract,
  nodes: nodesContract,
  agents: agentsContract,
  'what is outside': handedContract,
  lists: listsContract,
  figures: figuresContract,
  'projects and keys': projectsAndKeysContract,
  quotas: quotasContract,
  visits: visitsContract,
  'requests made once': onceContract,
  'numbers that count up': sequencesContract,
  logs: logsContract,
  scripts: scriptsContract,
  secrets: secretsContract,
  audit: auditContract,
  retention: retentionContract,
  races: racesContract,
}

export function storeContract(name: string, kind: StoreKind): void {
  describe(name, () => {
    test('a new store is empty and takes writes', async () => {
      await using store = await kind.open(seededChance())
      const jobs = { active: 0, paused: 0, finished: 0 }
      assert.deepEqual(await store.housekeeping.stats(), { jobs, openRuns: 0, pendingEffects: 0 })
      await store.housekeeping.ping()
    })
    for (const [part, contract] of Object.entries(PARTS)) describe(part, () => contract(kind))
  })
}
