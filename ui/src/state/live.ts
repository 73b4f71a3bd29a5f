// One stream of news for the whole page. News make what they are about old; what is on the screen is asked again, at
// most so often. While the stream is broken everything says how old it is.

import { signal } from '@preact/signals'
import type { LiveEvent } from '../../../src/sdk/index.ts'
import { carillon } from './client.ts'
import { queries } from './queries.ts'
import { noteSignedOut } from './visit.ts'
import { isSignedOut } from './wrong.ts'

/** `since`: the last moment at which the page was up to date. */
type Live = { state: 'waiting' | 'on' | 'lost'; since: number }

export const live = signal<Live>({ state: 'waiting', since: Date.now() })

/** How often what depends on many runs is asked again while news keep coming. */
const PACE_MS: Readonly<Record<string, number>> = {
  run: 700,
  job: 1_500,
  recent: 2_000,
  runs: 2_000,
  jobs: 3_000,
  overview: 5_000,
  callbacks: 5_000,
  audit: 5_000,
}

const askedAt = new Map<string, number>()
const waiting = new Map<string, ReturnType<typeof setTimeout>>()
const news = { runs: new Set<string>(), jobs: new Set<string>() }

export function follow(signal: AbortSignal): void {
  void (async () => {
    for (let first = true; !signal.aborted; first = false) {
      if (!first) await new Promise((resolve) => setTimeout(resolve, 3_000))
      try {
        await listen(signal)
      } catch (error) {
        if (isSignedOut(error)) return noteSignedOut()
      }
      lost()
    }
  })()
}

async function listen(signal: AbortSignal): Promise<void> {
  const onOpen = (): void => {
    const missed = live.value.state === 'lost'
    live.value = { state: 'on', since: Date.now() }
    if (missed) void queries.invalidateQueries()
  }
  for await (const event of carillon.events.follow({ signal, onOpen, onLost: lost })) hear(event)
}

function lost(): void {
  if (live.value.state === 'on') live.value = { state: 'lost', since: Date.now() }
  else if (live.value.state === 'waiting') live.value = { state: 'lost', since: live.value.since }
}

function hear(event: LiveEvent): void {
  if (event.type === 'reset') {
    void queries.invalidateQueries()
    return
  }
  if (event.runId !== null) news.runs.add(event.runId)
  if (event.jobId !== null) news.jobs.add(event.jobId)
  const about =
    event.runId === null
      ? ['jobs', 'job', 'overview', 'audit']
      : ['run', 'runs', 'recent', 'job', 'overview', 'callbacks']
  for (const topic of about) refresh(topic)
}

function refresh(topic: string): void {
  if (waiting.has(topic)) return
  const pace = PACE_MS[topic] ?? 2_000
  const wait = Math.max(60, (askedAt.get(topic) ?? 0) + pace - Date.now())
  waiting.set(
    topic,
    setTimeout(() => {
      waiting.delete(topic)
      askedAt.set(topic, Date.now())
      const heard = topic === 'run' ? news.runs : topic === 'job' ? news.jobs : null
      const ids = heard === null ? null : new Set(heard)
      heard?.clear()
      void queries.invalidateQueries({
        predicate: ({ queryKey: [what, id] }) => what === topic && (ids === null || ids.has(String(id))),
      })
    }, wait),
  )
}
