// Reads definitions of jobs from their texts. Whoever makes thousands of jobs mostly changes nothing but their names: what
// follows the name is read once, and shared by all that say the same. So it costs less to read, takes less room, and what
// was worked out of a target or of a schedule is found again by it.

import type { JobSpec } from './job.ts'
import { RecentlyUsed } from './recently-used.ts'

type Rest = Omit<JobSpec, 'name'>

const RESTS_KEPT_MAX = 1_000
/** What is longer is hardly shared, and is not to be held. */
const REST_CHARS_MAX = 2_048

const BEFORE_NAME = '{"name":'

export class SpecTexts {
  readonly #rests = new RecentlyUsed<string, Rest>(RESTS_KEPT_MAX)
  #lastText = ''
  #last: Rest | null = null

  /** `text`: a definition as JSON, as a store keeps it. */
  read(text: string): JobSpec {
    const end = endOfName(text)
    if (end === null) return JSON.parse(text)
    const after = text.slice(end)
    return named(text, end, this.#known(after) ?? this.#keep(after, JSON.parse(`{${after.slice(1)}`)))
  }

  /** The same at a fraction of the cost; null: nothing like it was read lately. */
  alike(text: string): JobSpec | null {
    const end = endOfName(text)
    const rest = end === null ? undefined : this.#known(text.slice(end))
    return rest === undefined ? null : named(text, end!, rest)
  }

  /** `after`: what follows the name, from the comma on. */
  #known(after: string): Rest | undefined {
    // To compare two texts costs less than to find one by its hash.
    if (this.#last !== null && after === this.#lastText) return this.#last
    const known = this.#rests.get(after)
    return known === undefined ? undefined : this.#remember(after, known)
  }

  #keep(after: string, rest: Rest): Rest {
    this.#rests.set(after, rest)
    return this.#remember(after, rest)
  }

  #remember(after: string, rest: Rest): Rest {
    this.#lastText = after
    this.#last = rest
    return rest
  }
}

function named(text: string, end: number, rest: Rest): JobSpec {
  // Read like all else, and not cut out: a piece would hold on to the whole text.
  const name: string = JSON.parse(text.slice(BEFORE_NAME.length, end))
  return { name, ...rest }
}

/** Where the name ends; null: the text does not begin with a plain one, or what follows is nothing, or too long to be kept. */
function endOfName(text: string): number | null {
  if (!text.startsWith(`${BEFORE_NAME}"`)) return null
  const quote = text.indexOf('"', BEFORE_NAME.length + 1)
  const isPlain = text.lastIndexOf('\\', quote) === -1
  const end = quote + 1
  return isPlain && text[end] === ',' && text.length - end <= REST_CHARS_MAX ? end : null
}
