// The receiver of every measurement: one process, answering each whole request with the same bytes. On the way it
// does no more than keep the run's id, its due instant and the moment; the sums are made when they are asked for.

import { type ChildProcess, fork } from 'node:child_process'
import { createServer, type Socket } from 'node:net'

export type Tally = {
  readonly requests: number
  /** Runs seen, those in batches one by one. */
  readonly runs: number
  readonly distinct: number
  readonly firstAt: number
  readonly lastAt: number
  /** Arrival − due instant of each run that says when it was due. */
  readonly lateMs: readonly number[]
}

/** All runs of one due instant. */
export type Round = {
  readonly dueAt: number
  readonly runs: number
  readonly jobs: number
  readonly lastAt: number
}

type Ask = { readonly ask: 'reset' | 'tally' | 'rounds' } | { readonly ask: 'expect'; readonly count: number }

export class Sink implements AsyncDisposable {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.url = `http://127.0.0.1:${port}`
  }

  static async start(): Promise<Sink> {
    const child = fork(import.meta.filename, { serialization: 'advanced' })
    return new Sink(child, await answerOf<number>(child))
  }

  reset(): Promise<unknown> {
    return this.#ask({ ask: 'reset' })
  }

  /** Resolves when `count` runs have arrived since the last reset. */
  expect(count: number): Promise<unknown> {
    return this.#ask({ ask: 'expect', count })
  }

  tally(): Promise<Tally> {
    return this.#ask({ ask: 'tally' })
  }

  rounds(): Promise<Round[]> {
    return this.#ask({ ask: 'rounds' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill()
  }

  #ask<Answer>(ask: Ask): Promise<Answer> {
    const answer = answerOf<Answer>(this.#child)
    this.#child.send(ask)
    return answer
  }
}

function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => {
      child.off('exit', reject)
      resolve(message as Answer)
    })
    child.once('exit', reject)
  })
}

if (process.send !== undefined && import.meta.main) serve(process.send.bind(process))

function serve(tell: (message: unknown) => void): void {
  const ids: string[] = []
  const dueAts: string[] = []
  const arrivals: number[] = []
  const batches: { readonly body: string; readonly at: number }[] = []
  let batched = 0
  let expected = Number.POSITIVE_INFINITY

  const server = createServer({ noDelay: true }, (socket) => {
    let rest = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      rest = take(socket, rest + chunk.toString('latin1'))
    })
  })

  function take(socket: Socket, text: string): string {
    const at = Date.now()
    let from = 0
    for (;;) {
      const headEnd = text.indexOf('\r\n\r\n', from)
      if (headEnd < 0) break
      const head = text.slice(from, headEnd)
      const bodyEnd = headEnd + 4 + Number(header(head, '\r\ncontent-length: ') || 0)
      if (text.length < bodyEnd) break
      if (head.includes('\r\nCarillon-Batch-Size: ')) {
        batches.push({ body: text.slice(headEnd + 4, bodyEnd), at })
        batched += Number(header(head, '\r\nCarillon-Batch-Size: '))
      } else {
        ids.push(header(head, '\r\nIdempotency-Key: '))
        dueAts.push(header(head, '\r\nCarillon-Due-At: '))
        arrivals.push(at)
      }
      from = bodyEnd
      socket.write(ANSWER)
      if (ids.length + batched >= expected) {
        expected = Number.POSITIVE_INFINITY
        tell(true)
      }
    }
    return from === 0 ? text : text.slice(from)
  }

  process.on('message', (asked: Ask) => {
    if (asked.ask === 'expect') {
      if (ids.length + batched >= asked.count) tell(true)
      else expected = asked.count
      return
    }
    if (asked.ask === 'reset') {
      for (const list of [ids, dueAts, arrivals, batches]) list.length = 0
      batched = 0
      tell(true)
    } else if (asked.ask === 'tally') tell(tally())
    else tell(rounds())
  })

  function tally(): Tally {
    const inBatches = batches.flatMap(({ body, at }) => items(body).map(({ runId }) => ({ runId, at })))
    const moments = [...arrivals, ...inBatches.map(({ at }) => at)].sort((a, b) => a - b)
    const late = dueAts.flatMap((text, n) => (text === '' ? [] : [arrivals[n]! - Date.parse(text)]))
    return {
      requests: ids.length + batches.length,
      runs: ids.length + inBatches.length,
      distinct: new Set([...ids, ...inBatches.map(({ runId }) => runId)]).size,
      firstAt: moments[0] ?? 0,
      lastAt: moments.at(-1) ?? 0,
      lateMs: late,
    }
  }

  function rounds(): Round[] {
    const byDueAt = new Map<string, { runs: number; jobs: Set<string>; lastAt: number }>()
    for (const { body, at } of batches) {
      for (const { jobId, dueAt } of items(body)) {
        const round = byDueAt.get(dueAt) ?? { runs: 0, jobs: new Set(), lastAt: 0 }
        byDueAt.set(dueAt, round)
        round.runs += 1
        round.jobs.add(jobId)
        round.lastAt = Math.max(round.lastAt, at)
      }
    }
    return [...byDueAt]
      .map(([dueAt, { runs, jobs, lastAt }]) => ({ dueAt: Date.parse(dueAt), runs, jobs: jobs.size, lastAt }))
      .sort((a, b) => a.dueAt - b.dueAt)
  }

  server.listen(0, '127.0.0.1', () => tell((server.address() as { port: number }).port))
  process.on('disconnect', () => process.exit())
}

const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Sun, 31 Jan 2027 02:30:00 GMT\r\n' +
    'Content-Length: 11\r\n\r\n{"ok":true}',
)

function header(head: string, name: string): string {
  const at = head.indexOf(name)
  if (at < 0) return ''
  const end = head.indexOf('\r\n', at + name.length)
  return head.slice(at + name.length, end < 0 ? undefined : end)
}

function items(body: string): readonly { runId: string; jobId: string; dueAt: string }[] {
  return JSON.parse(body)
}
