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

  /** `text`: a definition as JSON, as a store keeps it. */
  read(text: string): JobSpec {
    const end = endOfName(text)
    if (end === null || text.length - end > REST_CHARS_MAX) return JSON.parse(text)
    // Read like all else, and not cut out: a piece would hold on to the whole text.
    const name: string = JSON.parse(text.slice(BEFORE_NAME.length, end))
    return { name, ...this.#rest(text.slice(end)) }
  }

  /** `text`: what follows the name, from the comma on. */
  #rest(text: string): Rest {
    const known = this.#rests.get(text)
    if (known !== undefined) return known
    const rest = JSON.parse(`{${text.slice(1)}`) as Rest
    this.#rests.set(text, rest)
    return rest
  }
}

/** null: the text does not begin with a plain name that something follows. */
function endOfName(text: string): number | null {
  if (!text.startsWith(`${BEFORE_NAME}"`)) return null
  const quote = text.indexOf('"', BEFORE_NAME.length + 1)
  const isPlain = text.lastIndexOf('\\', quote) === -1
  return isPlain && text[quote + 1] === ',' ? quote + 1 : null
}
