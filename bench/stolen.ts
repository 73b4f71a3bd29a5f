// How much processor time the host gave to other machines meanwhile: where it did, a figure says more of the neighbours than
// of what was measured. As Linux tells a virtual machine (proc_stat(5)).

import { readFileSync } from 'node:fs'

const EVERY_MS = 1_000

type Times = { readonly all: number; readonly stolen: number }

export class Stolen implements Disposable {
  readonly #first = times()
  readonly #timer: NodeJS.Timeout
  #last = this.#first
  #worst = 0

  constructor() {
    this.#timer = setInterval(() => this.#look(), EVERY_MS)
    this.#timer.unref()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  text(): string {
    const percent = (part: number): string => `${Math.round(part * 100)} %`
    this.#look()
    const all = percent(share(this.#first, this.#last))
    return `Processor time that the host gave to others meanwhile: ${all}, within a second up to ${percent(this.#worst)}.`
  }

  #look(): void {
    const now = times()
    this.#worst = Math.max(this.#worst, share(this.#last, now))
    this.#last = now
  }
}

function share(from: Times, to: Times): number {
  return to.all > from.all ? (to.stolen - from.stolen) / (to.all - from.all) : 0
}

function times(): Times {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1)
  // user, nice, system, idle, iowait, irq, softirq, steal
  const ticks = line.split(/ +/).slice(1, 9).map(Number)
  return { all: ticks.reduce((sum, some) => sum + some, 0), stolen: ticks[7] ?? 0 }
}
