// An agent inside the server: the same code as a far one, its line are the commands themselves.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ResultSpool } from '../agent/result-spool.ts'
import type { Context } from '../commands/context.ts'
import type { News } from '../domain/news.ts'
import type { Work } from '../ports/work.ts'
import { AgentEngine } from './agent-engine.ts'
import { openHands } from './agent-hands.ts'
import type { Config } from './config/config.ts'
import { ensureInsideAgent } from './inside-agent-name.ts'
import { localLine } from './local-line.ts'
import { openLocalLog } from './local-log.ts'
import type { Logger } from './logger.ts'
import { version } from './version.ts'

/** null: the configuration asks for none. It has not begun: what it stands on starts first. */
export async function openInsideAgent(
  ctx: Context,
  config: Config,
  logger: Logger,
  sole: boolean,
): Promise<(AsyncDisposable & { start(): void }) | null> {
  if (config.agentSlots === 0) return null
  await using parts = new AsyncDisposableStack()
  const dataDir = join(config.dataDir, 'agent')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const { clock } = ctx
  const onError = (where: string, error: unknown): void => logger.error({ err: error }, `agent: ${where}`)
  const about = { hostname: config.nodeName, version: version.version }
  const agent = await ensureInsideAgent(ctx, { nodeName: config.nodeName, dataDir, sole })
  if (agent === null) {
    logger.warn(
      `a far agent has the name of this server, ${config.nodeName}; it carries out no commands itself`,
    )
    return null
  }
  const openLog = openLocalLog(ctx, onError)
  const line = localLine(ctx, agent)
  const fetchScript = (work: Work) => line.script(work)
  const onNews = (work: Work, news: News): void => engine.hear(work, news)
  const hands = parts.use(await openHands({ clock, dataDir, policy: {}, openLog, fetchScript, onNews }))
  const engine: AgentEngine = parts.use(
    new AgentEngine({
      line,
      clock,
      spool: new ResultSpool(join(dataDir, 'results')),
      dispatcher: hands.dispatcher,
      about: { ...about, pid: process.pid, labels: {}, slots: config.agentSlots },
      drainTimeoutMs: config.drainTimeoutMs,
      onOpen: () => {},
      onError,
    }),
  )
  void engine.ended.then((reason) => {
    logger.error(
      `the agent inside this server, ${agent.name}, has ended; it carries out no commands any more: ${reason}`,
    )
  })
  const kept = parts.move()
  return { start: () => engine.start(), [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
