// The line of an agent inside the server: the same commands, without a network between.

import type { AgentLine } from '../agent/agent-line.ts'
import { closeSession, openSession } from '../commands/agent-session.ts'
import { beat, leaseForSession, reportForSession } from '../commands/agent-work.ts'
import type { Context } from '../commands/context.ts'
import { appendLog } from '../commands/log/append-log.ts'
import { sealLog } from '../commands/log/seal-log.ts'
import { scriptOfWork } from '../commands/script/scripts.ts'
import type { Agent } from '../domain/agent.ts'
import type { Principal } from '../domain/api-key.ts'
import { LOG_LIMITS } from '../domain/log/run-log.ts'

export function localLine(ctx: Context, agent: Agent): AgentLine {
  const who: Principal = { id: agent.keyId, name: agent.name, scopes: ['agent'], projectIds: null }
  return {
    async open(introduction) {
      const { sessionId, leaseMs, attached } = await openSession(ctx, who, introduction)
      return { sessionId, name: agent.name, leaseMs, attached }
    },
    async appendLog(log, sequence, frames, early) {
      await appendLog(ctx, { ...log, sequence, frames }, early ? LOG_LIMITS.holdMaxMs : 0)
    },
    script: (work) => scriptOfWork(ctx, work),
    sealLog: (log, chunks) => sealLog(ctx, { ...log, chunks }),
    lease: (sessionId, request, signal) => leaseForSession(ctx, who, { sessionId, ...request }, signal),
    beat: (sessionId, held, news) => beat(ctx, who, sessionId, held, news),
    async report(sessionId, reports) {
      await reportForSession(ctx, who, sessionId, reports)
    },
    close: (sessionId) => closeSession(ctx, who, sessionId),
  }
}
