// Everything about agents behind the port.

import type { AgentStore } from '../../ports/agent-store.ts'
import type { Agents } from './agents.ts'
import type { PoolClaimer } from './claim-pools.ts'
import type { AttemptTidings } from './tidings.ts'

export function agentStore(agents: Agents, claimer: PoolClaimer, tidings: AttemptTidings): AgentStore {
  return {
    addToken: (token) => agents.addToken(token),
    token: (id) => agents.token(id),
    tokens: (page) => agents.tokens(page),
    endToken: (id, now) => agents.endToken(id, now),
    join: (hash, now, make) => agents.join(hash, now, make),
    ensure: (agent) => agents.ensure(agent),
    get: (id) => agents.get(id),
    byName: (name) => agents.byName(name),
    byKey: (keyId) => agents.byKey(keyId),
    list: (page) => agents.list(page),
    drain: (id, draining) => agents.drain(id, draining),
    remove: (id, now) => agents.remove(id, now),
    open: (session, now, leaseMs) => agents.open(session, now, leaseMs),
    touch: (ids, now, leaseMs) => agents.touch(ids, now, leaseMs),
    spare: (now, leaseMs) => agents.spare(now, leaseMs),
    stopping: () => agents.stopping(),
    expected: (now, limit, after) => claimer.expected(now, limit, after),
    isExpected: (now, sessionId) => claimer.isExpected(now, sessionId),
    waiting: (now, limit, after) => claimer.waiting(now, limit, after),
    nextReadyAt: (now) => claimer.nextReadyAt(now),
    claim: (...args) => claimer.claim(...args),
    keepLate: (reports, now) => claimer.keepLate(reports, now),
    tell: (batch, now) => tidings.keep(batch, now),
    told: (runIds) => tidings.ofRuns(runIds),
    heldBy: (sessionId, leasedBefore) => claimer.heldBy(sessionId, leasedBefore),
    works: (held) => claimer.works(held),
  }
}
