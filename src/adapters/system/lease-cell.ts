// Until when the node's lease holds, in memory that all threads of the process share, so that each can ask right before
// it causes something outside. By the clock of the machine's monotonic time, which is the same in every thread.

export class LeaseCell {
  readonly memory: SharedArrayBuffer
  readonly #until: BigInt64Array

  /** `memory`: of the cell that another thread made. A new one holds nothing yet. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory
    this.#until = new BigInt64Array(memory)
  }

  /** For so long from now; 0: no longer. */
  holdFor(ms: number): void {
    Atomics.store(this.#until, 0, ms <= 0 ? 0n : monotonicMs() + BigInt(Math.floor(ms)))
  }

  holds(): boolean {
    return monotonicMs() < Atomics.load(this.#until, 0)
  }
}

function monotonicMs(): bigint {
  return process.hrtime.bigint() / 1_000_000n
}
