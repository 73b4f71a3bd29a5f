// What a server is made of, top to bottom. Each part is closed in the reverse order, the store last.

import { EventHub } from '../adapters/system/event-hub.ts'
import { LeaseCell } from '../adapters/system/lease-cell.ts'
import { NewsBoard } from '../adapters/system/news-board.ts'
import { createSystemChance } from '../adapters/system/system-chance.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import { BusRoom } from '../commands/bus-room.ts'
import { tokenOfCall } from '../commands/call-token.ts'
import { COMMAND_LIMITS, type Context } from '../commands/context.ts'
import { ensureAdminKey } from '../commands/keys.ts'
import { KnownProjects } from '../commands/known-projects.ts'
import { RunTokens } from '../commands/run-token.ts'
import { revealSecrets } from '../commands/secret/reveal-secrets.ts'
import { RUN_TOKENS, serverSecret } from '../commands/secret/server-secret.ts'
import { ticketOfAdmin } from '../commands/visits.ts'
import { WaitingAgents } from '../commands/waiting-agents.ts'
import { createAddressGuard } from '../dispatch/address-guard.ts'
import { asynchronous } from '../dispatch/asynchronous.ts'
import { dispatchByKind } from '../dispatch/by-kind.ts'
import { createCallbackNotifier } from '../dispatch/callback-notifier.ts'
import { createGuardedFetch } from '../dispatch/guarded-fetch.ts'
import { ProjectGuards, refusalOfRule } from '../dispatch/project-guards.ts'
import { withSecrets } from '../dispatch/secret/with-secrets.ts'
import { createThreadDispatcher } from '../dispatch/thread/thread-dispatcher.ts'
import { createWebCaller } from '../dispatch/web-caller.ts'
import { withTargets } from '../dispatch/with-targets.ts'
import { withTokens } from '../dispatch/with-tokens.ts'
import { ADDRESS_FORBIDDEN } from '../domain/forbidden-address.ts'
import { signInUrl } from '../doors/rest/v1/visit.ts'
import { COURIER_DEFAULTS } from '../engine/courier.ts'
import { Lateness } from '../engine/lateness.ts'
import { Membership } from '../engine/membership.ts'
import { Surveyor } from '../engine/survey/surveyor.ts'
import { adminKeyPath, writeAdminKey } from './admin-key-file.ts'
import { openBlobStore, openForeignScripts } from './blobs.ts'
import { openServerBus } from './bus.ts'
import type { Config } from './config/config.ts'
import { processEnvironment } from './config/process.ts'
import { shownSettings, type Told, UNTOLD } from './config/shown-settings.ts'
import { type Door, openDoor } from './door.ts'
import { Engine, NudgeRelay, SOON_MS } from './engine.ts'
import { openInsideAgent } from './inside-agent.ts'
import { issuersOf } from './issuers.ts'
import { createLogger, type Logger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { mintOf } from './mint.ts'
import { openStore } from './open-store.ts'
import { openVault } from './secret-keys.ts'
import { startHttpThread } from './start-http-thread.ts'
import { userAgent, version } from './version.ts'

export type RunningServer = {
  /** The address requests go to. */
  readonly url: string
  /** Opens the page, signed in; works once, for a short time. null: no key that may do everything is left. */
  readonly pageUrl: string | null
  readonly adminKey: { readonly value: string | null; readonly path: string; readonly created: boolean }
  /** Resolves when the server has stopped. */
  readonly closed: Promise<void>
  /** Drains, closes, resolves when all is done. Calling again changes nothing. */
  stop(): Promise<void>
}

/** Throws when something is in the way; nothing is left half started. `told`: where the configuration came from. */
export async function startServer(config: Config, told: Told = UNTOLD): Promise<RunningServer> {
  await using parts = new AsyncDisposableStack()
  const chance = createSystemChance(systemClock.now)
  const logger = createLogger(config.logLevel, config.logFormat)

  const opened = parts.use(await openStore(config, chance, systemClock))
  const { store, clock } = opened
  const { sole, ...membershipHere } = opened.membership
  const addresses = {
    allowPrivate: config.allowPrivateTargets,
    allow: config.targetsAllow,
    deny: config.targetsDeny,
  }
  const guards = new ProjectGuards(addresses)
  const services = parts.use(
    createGuardedFetch(
      createAddressGuard({ ...addresses, allow: [...addresses.allow, ...config.servicesAllow] }),
    ),
  )
  const blobs = parts.use(openBlobStore(config, processEnvironment(), systemClock, services.fetch))
  const foreignScripts = openForeignScripts(config, processEnvironment(), systemClock, services.fetch)
  if (foreignScripts !== null) parts.use(foreignScripts)
  const lateness = new Lateness(clock)
  const cell = new LeaseCell()
  const onError = (where: string, error: unknown): void => logger.error({ err: error }, where)
  const membership = await Membership.join({
    nodes: store.nodes,
    clock,
    node: { hostname: config.nodeName, pid: process.pid, version: version.version, sole },
    newId: () => chance.id('nod'),
    ...membershipHere,
    wall: systemClock.now,
    onHold: (ms) => cell.holdFor(ms),
    figures: () => ({ held: engine.runner.held, ...lateness.figures() }),
    onError,
  })

  const hub = new EventHub(membership.nodeId.slice(-10))
  const nudge = new NudgeRelay()
  const metrics = createMetrics(store, clock, membership)
  const web = createWebCaller(services, { clock: systemClock, userAgent })
  const vault = await openVault(config, store)
  // By a key that lies in the data directory it would be no safer there, and could not move to another store without it.
  const sealing = config.secretKeys === null ? null : vault
  const runTokens = new RunTokens(await serverSecret({ store, chance }, RUN_TOKENS, sealing))
  const ctx: Context = {
    store,
    blobs,
    ...(foreignScripts === null ? {} : { foreignScripts }),
    ...(await issuersOf(config, { store, web, clock, newSecret: () => chance.hex(32), logger })),
    vault,
    ...(await mintOf(config, { store, vault, clock, newId: () => chance.hex(16) })),
    logNews: new NewsBoard(systemClock),
    clock,
    chance,
    nudge,
    events: {
      publish: (events) => {
        metrics.publish(events)
        lateness.publish(events)
        hub.publish(events)
      },
    },
    waiting: new WaitingAgents(clock),
    limits: {
      ...COMMAND_LIMITS,
      agentLeaseMs: config.agentLeaseMs,
      interpreters: config.interpreters,
      keyLifetimeMs: config.keyLifetimeMs,
      keyLifetimeMaxMs: config.keyLifetimeMaxMs,
    },
    runTokens,
    ...(config.bus === null ? {} : { busRoom: new BusRoom(config.busJobsPerProject) }),
    projects: new KnownProjects(store, systemClock),
    mayCall: (url, rules) => guards.mayCall(url, rules),
    refusalOfRule,
    mayCallHint: ADDRESS_FORBIDDEN,
    onStale: metrics.stale,
  }
  // While no server was there no agent could renew; what they carry out goes on.
  await store.agents.spare(clock.now(), config.agentLeaseMs)
  const created = await ensureAdminKey(ctx, config.adminKey)
  if (created !== null) await writeAdminKey(config.dataDir, created)

  const { connectionsPerOrigin } = config
  const http = parts.use(
    createThreadDispatcher({
      clock: systemClock,
      start: () => startHttpThread({ addresses, userAgent, connectionsPerOrigin, lease: cell.memory }),
      userAgent,
      onDefect: (error) => logger.error({ err: error }, 'the thread that sends requests'),
    }),
  )
  // What fell due while no server was there does not wait for a thread that only begins with it.
  const nextDueAt = await store.runs.nextDueAt()
  if (nextDueAt !== null && nextDueAt < clock.now() + SOON_MS) http.warm()
  const bus = parts.use(await openServerBus(ctx, config, membership, logger))
  if (bus.figures !== undefined) metrics.bus(bus.figures)
  const calls = withTokens(
    asynchronous(withTargets(http, ctx.projects), runTokens),
    (work, audience, together) => tokenOfCall(ctx, work, audience, together),
  )
  const dispatcher = withSecrets(dispatchByKind({ http: calls, message: bus.dispatcher }), ({ run }, names) =>
    revealSecrets(ctx, run.projectId, names),
  )
  const notifier = parts.use(
    createCallbackNotifier({
      clock,
      guard: guards.plain,
      guardOf: (rules) => guards.of(rules),
      userAgent,
      mayLeave: () => membership.holds(),
    }),
  )
  const engine = parts.use(
    new Engine(ctx, nudge, membership, dispatcher, notifier, {
      slots: config.slots,
      memoryLimitBytes: config.memoryLimitBytes,
      plannerBatch: config.plannerBatch,
      pollMs: config.pollIntervalMs,
      courier: {
        ...COURIER_DEFAULTS,
        defaults: { timeoutMs: config.callbackTimeoutMs, retryDelaysMs: config.callbackRetryDelaysMs },
      },
      retentionDays: config.retentionDays,
      drainTimeoutMs: config.drainTimeoutMs,
      outsideLookMs: config.busCleanupMs,
      ...(bus.stopTeller === undefined ? {} : { stopTeller: bus.stopTeller }),
      onError,
      onSoon: () => http.warm(),
      onLapse: (nodeId) => logger.warn({ nodeId }, 'the lease ran out: all under way was stopped'),
      onDraining: (draining) => logger.info({ draining }, 'asked for'),
    }),
  )
  const ticket = await ticketOfAdmin(ctx)
  const agent = await openInsideAgent(ctx, config, logger, sole)
  if (agent !== null) parts.use(agent)
  const survey = parts.use(new Surveyor(store, clock, (error) => logger.error({ err: error }, 'survey')))
  const door = parts.use(
    await openDoor({
      config,
      settings: shownSettings(config, told),
      ctx,
      hub,
      survey,
      metrics,
      membership,
      bus,
      logger,
    }),
  )
  // What was said while nobody listened is heard before silence is judged.
  bus.start()
  engine.start()
  agent?.start()
  logger.info({ url: door.url, dataDir: config.dataDir, ...version }, 'ready')

  const pageUrl = ticket === null ? null : signInUrl(config.publicUrl ?? door.url, ticket.token)
  const stopNoticeMs = config.stopNoticeMs ?? (sole ? 0 : SHARED_STOP_NOTICE_MS)
  const end = { afterMs: config.drainTimeoutMs + STOP_GRACE_MS, cutOff: opened.cutOff }
  return running(
    { parts: parts.move(), door, pageUrl, engine, logger, stopNoticeMs, end },
    {
      value: created,
      path: adminKeyPath(config.dataDir),
      created: created !== null,
    },
  )
}

/** Others can take what comes next: balancers are to see in time that this server goes. */
const SHARED_STOP_NOTICE_MS = 2_000

/** For the last answers, and for saying in the store how everything ended; then a store that does not answer is left. */
const STOP_GRACE_MS = 20_000

type Running = {
  readonly parts: AsyncDisposableStack
  readonly door: Door
  readonly pageUrl: string | null
  readonly engine: Engine
  readonly logger: Logger
  readonly stopNoticeMs: number
  readonly end: { readonly afterMs: number; readonly cutOff: () => void }
}

function running(running: Running, adminKey: RunningServer['adminKey']): RunningServer {
  const { parts, door, pageUrl, engine, logger, stopNoticeMs, end } = running
  const { promise: closed, resolve, reject } = Promise.withResolvers<void>()
  let stopping = false
  const stop = async (): Promise<void> => {
    if (!stopping) {
      stopping = true
      door.leave()
      engine.setDraining(true)
      logger.info('stopping')
      if (stopNoticeMs > 0) await new Promise<void>((done) => systemClock.after(stopNoticeMs, done))
      const over = whenOver(end.afterMs, () => {
        logger.error('the store does not answer: stopping without it; others take over what is under way')
        end.cutOff()
      })
      parts.disposeAsync().finally(over).then(resolve, reject)
    }
    await closed
  }
  return { url: door.url, pageUrl, adminKey, closed, stop }
}

/** Acts unless called off before. A timer's wait is bounded; this one may be longer. */
function whenOver(afterMs: number, act: () => void): () => void {
  const endAt = systemClock.monotonic() + afterMs
  let cancel = (): void => {}
  const wait = (): void => {
    const left = endAt - systemClock.monotonic()
    if (left <= 0) act()
    else cancel = systemClock.after(left, wait)
  }
  wait()
  return () => cancel()
}
