// With what an agent carries out its work: processes of this machine, what its owner allows, and a journal so that no attempt
// starts twice. What an agent before this one has left running is ended first.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { journaled } from '../agent/journaled.ts'
import { guarded, type LocalPolicy } from '../agent/local-policy.ts'
import { dispatchByKind } from '../dispatch/by-kind.ts'
import { createCommandDispatcher } from '../dispatch/command-dispatcher.ts'
import { type Containment, probeContainment } from '../dispatch/process/containment.ts'
import { ProcessExecutor } from '../dispatch/process/process-executor.ts'
import { killOrphans } from '../dispatch/process/process-tree.ts'
import { ScratchRoot } from '../dispatch/process/scratch.ts'
import { StartJournal } from '../dispatch/process/start-journal.ts'
import { createScriptDispatcher, type FetchScript } from '../dispatch/script-dispatcher.ts'
import { type Secrets, withSecrets } from '../dispatch/secret/with-secrets.ts'
import type { News } from '../domain/news.ts'
import type { Clock } from '../ports/clock.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'
import type { OpenLog } from '../ports/log-sink.ts'
import type { Work } from '../ports/work.ts'
import { processEnvironment } from './config/process.ts'

export type HandsOptions = {
  readonly clock: Clock
  readonly dataDir: string
  readonly policy: LocalPolicy
  readonly openLog: OpenLog
  readonly fetchScript: FetchScript
  readonly onNews: (work: Work, news: News) => void
}

export type AgentHands = AsyncDisposable & {
  readonly dispatcher: Dispatcher
  readonly containment: Containment
}

export async function openHands(options: HandsOptions): Promise<AgentHands> {
  const { clock, dataDir, policy, openLog, onNews } = options
  await using parts = new AsyncDisposableStack()
  const containment = await probeContainment()
  const rootFile = join(dataDir, 'scratch-root')
  killOrphans(rememberedRoot(rootFile))
  const scratch = parts.use(new ScratchRoot())
  writeFileSync(rootFile, scratch.path, { mode: 0o600 })
  const journal = parts.use(await StartJournal.open(join(dataDir, 'starts.journal')))
  // Whatever is unfinished was ended above, or with the agent that had started it.
  for (const start of journal.unfinished()) journal.end(start)
  const around = processEnvironment()
  const executor = new ProcessExecutor({ clock, containment, scratch, openLog, around, onNews })
  const processes = dispatchByKind({
    command: createCommandDispatcher(executor),
    script: createScriptDispatcher(executor, options.fetchScript),
  })
  const kept = parts.move()
  return {
    dispatcher: guarded(policy, journaled(journal, withSecrets(processes, sent))),
    containment,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** They came along with the work. */
const sent = async ({ secrets = {} }: Work): Promise<Secrets> => secrets

function rememberedRoot(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null
  } catch {
    return null
  }
}
