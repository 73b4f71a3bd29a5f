// Hints from node to node: most arrive soon, some late or twice, some never.

import type { Hint, Hints } from '../../src/ports/store.ts'
import type { Dice } from './dice.ts'
import type { SimProcess } from './sim-process.ts'
import type { Timeline } from './timeline.ts'

type Listener = { readonly process: SimProcess; readonly heard: (hint: Hint) => void }

const LOST = 0.1
const DOUBLED = 0.05

export class Rumour {
  readonly #timeline: Timeline
  readonly #dice: Dice
  #listeners: Listener[] = []

  constructor(timeline: Timeline, dice: Dice) {
    this.#timeline = timeline
    this.#dice = dice
  }

  /** As one process hears it and spreads it. */
  of(process: SimProcess): Hints {
    return {
      tell: (hint) => {
        if (!process.isDead) this.#spread(process, hint)
      },
      listen: (heard) => {
        const listener = { process, heard }
        this.#listeners.push(listener)
        return () => {
          this.#listeners = this.#listeners.filter((other) => other !== listener)
        }
      },
    }
  }

  #spread(from: SimProcess, hint: Hint): void {
    this.#listeners = this.#listeners.filter(({ process }) => !process.isDead)
    for (const { process, heard } of this.#listeners) {
      if (process === from || this.#dice.chance(LOST)) continue
      const times = this.#dice.chance(DOUBLED) ? 2 : 1
      for (let time = 0; time < times; time += 1) {
        this.#timeline.after(this.#dice.ms(1, 50), () => process.reach(() => heard(hint)))
      }
    }
  }
}
