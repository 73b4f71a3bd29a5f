// What a worker has to say to the scheduler. A word is kept until the broker has it in a queue, through every loss of the
// channel; what no queue takes is said again, later and later, and given up in the end. So many words are kept, and no more.

export const WORD_LIMITS = {
  /** What was not taken is said again after so long, then after twice as long, and so on. */
  againMs: 1_000,
  againMaxMs: 60_000,
  /** For so long, from the first time that it was not taken. */
  forMs: 24 * 3_600_000,
  /** Of more the oldest are given up: by then their attempts have long been overtaken. */
  wordsMax: 10_000,
} as const

/** How long a word is kept: a beat is not, as the next one says the same, and what beats repeat is until no queue takes it. */
export type Keep = 'not' | 'until-not-taken' | 'until-taken'

/** What of a confirm channel is needed here. */
export type WordChannel = {
  sendToQueue(queue: string, content: Buffer, options: object, told: (error: unknown) => void): unknown
  on(event: 'return', heard: (message: { properties: { messageId: unknown } }) => void): unknown
  prependListener(event: 'close', heard: () => void): unknown
}

export type Timing = {
  monotonic(): number
  /** Answers the cancel. */
  after(ms: number, callback: () => void): () => void
}

type Word = {
  readonly id: string
  readonly runId: string
  readonly replyTo: string
  readonly text: string
  readonly keep: Keep
  /** How often it was not taken, and since when. */
  times: number
  since: number
  /** It waits for its next time. */
  cancel: (() => void) | null
}

const SYSTEM: Timing = {
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

export class Words {
  readonly #tell: (error: Error) => void
  readonly #timing: Timing
  readonly #unsaid = new Set<Word>()
  /** Ids of words that came back: the queue they were for is not there, which a broker confirms all the same. */
  readonly #returned = new Set<string>()
  #channel: WordChannel | null = null
  #spoken = 0
  #leaving = false
  #allSaid = (): void => {}

  constructor(tell: (error: Error) => void, timing: Timing = SYSTEM) {
    this.#tell = tell
    this.#timing = timing
  }

  /** What was not confirmed on the channel before is said on this one. */
  open(channel: WordChannel): void {
    channel.on('return', ({ properties }) => this.#returned.add(String(properties.messageId)))
    // Known before those hear of it who wait for a confirmation.
    channel.prependListener('close', () => {
      if (this.#channel === channel) this.#channel = null
    })
    this.#channel = channel
    this.#returned.clear()
    for (const word of this.#unsaid) this.#publish(word)
  }

  say(to: { readonly replyTo: string; readonly runId: string }, text: string, keep: Keep): void {
    this.#spoken += 1
    const word: Word = { ...to, id: `${this.#spoken}`, text, keep, times: 0, since: 0, cancel: null }
    if (keep !== 'not') this.#unsaid.add(word)
    const [oldest] = this.#unsaid
    if (oldest !== undefined && this.#unsaid.size > WORD_LIMITS.wordsMax) {
      this.#giveUp(oldest, `more than ${WORD_LIMITS.wordsMax} words wait`)
    }
    this.#publish(word)
  }

  /** What waits for its next time is said now. Answers how many words are unsaid after all; none of them is said any more. */
  async finish(withinMs: number): Promise<number> {
    this.#leaving = true
    for (const word of this.#unsaid) if (word.cancel !== null) this.#publish(word)
    if (this.#unsaid.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#allSaid = resolve
      const cancel = this.#timing.after(withinMs, resolve)
      await promise
      cancel()
    }
    this.#channel = null
    for (const { cancel } of this.#unsaid) cancel?.()
    return this.#unsaid.size
  }

  #publish(word: Word): void {
    word.cancel?.()
    word.cancel = null
    const channel = this.#channel
    const options = {
      persistent: true,
      mandatory: true,
      contentType: 'application/json',
      messageId: word.id,
    }
    try {
      channel?.sendToQueue(word.replyTo, Buffer.from(word.text), options, (error) => {
        const returned = this.#returned.delete(word.id)
        if (!returned && (error === null || error === undefined)) this.#over(word)
        // Of a channel that has closed everything unsaid is said on the next one.
        else if (this.#channel === channel) this.#notTaken(word)
      })
    } catch {
      // The channel has closed.
    }
  }

  #notTaken(word: Word): void {
    // A beat, or given up meanwhile.
    if (!this.#unsaid.has(word)) return
    const { replyTo, times } = word
    const now = this.#timing.monotonic()
    if (times === 0) {
      word.since = now
      this.#tell(
        new Error(
          `the queue ${replyTo} is not there, or does not take it: what was to be said there is said again`,
        ),
      )
    }
    if (word.keep === 'until-not-taken') return this.#over(word)
    if (now - word.since >= WORD_LIMITS.forMs) return this.#giveUp(word, 'no queue has taken it for a day')
    word.times += 1
    const { againMs, againMaxMs } = WORD_LIMITS
    const waitMs = this.#leaving ? againMs : Math.min(againMaxMs, againMs * 2 ** Math.min(times, 10))
    word.cancel = this.#timing.after(waitMs, () => this.#publish(word))
  }

  #giveUp(word: Word, why: string): void {
    this.#over(word)
    this.#tell(
      new Error(`what was to be said to ${word.replyTo} of the run ${word.runId} is given up: ${why}`),
    )
  }

  #over(word: Word): void {
    word.cancel?.()
    word.cancel = null
    this.#unsaid.delete(word)
    if (this.#unsaid.size === 0) this.#allSaid()
  }
}
