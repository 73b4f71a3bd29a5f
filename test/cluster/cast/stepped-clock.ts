// The wall clock of a process, set by the test while it runs. Time goes on for everyone else, and the process's own
// monotonic clock is left alone. Needs libfaketime.

import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { ensurePackage } from '../../support/debian-package.ts'

const PLACES = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib64/faketime/libfaketime.so.1',
]

/** Where the library is, installed if that is possible; null: this machine cannot step clocks. */
export function faketimeLibrary(): string | null {
  const there = (): string | null => PLACES.find((path) => existsSync(path)) ?? null
  ensurePackage('libfaketime', () => there() !== null)
  return there()
}

export class SteppedClock {
  readonly #file: string
  readonly #library: string

  constructor(file: string, library: string) {
    this.#file = file
    this.#library = library
    this.set(0)
  }

  get env(): Record<string, string> {
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
    }
  }

  /** So far from the true time. Whole at every moment: the process looks at it all the time. */
  set(offsetMs: number): void {
    writeFileSync(`${this.#file}.new`, `${offsetMs < 0 ? '' : '+'}${offsetMs / 1_000}s\n`)
    renameSync(`${this.#file}.new`, this.#file)
  }
}
