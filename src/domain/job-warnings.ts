// What is taken as it stands, and was perhaps not meant so: a fact of the run that nobody knows or fills in, a credential that
// everybody reads who may read the job.

import type { JobSpec } from './job.ts'
import type { RunDocument } from './run-document.ts'
import type { ScheduleWarning } from './schedule/schedule-types.ts'
import { eachText, isCredentialHeader, secretNames } from './secret.ts'

type Facts = readonly (keyof RunDocument | 'error')[]

/** Known before the request is made. */
export const FACTS_BEFORE: Facts = [
  'id',
  'job',
  'jobId',
  'projectId',
  'trigger',
  'dueAt',
  'late',
  'fence',
  'attemptCount',
]

/** Known at its end: everything the run is shown with, and its error. */
export const FACTS_AFTER: Facts = Object.keys({
  id: 0,
  job: 0,
  jobId: 0,
  projectId: 0,
  jobVersion: 0,
  trigger: 0,
  status: 0,
  reason: 0,
  dueAt: 0,
  late: 0,
  readyAt: 0,
  waitsForKey: 0,
  attemptCount: 0,
  fence: 0,
  params: 0,
  message: 0,
  createdAt: 0,
  startedAt: 0,
  finishedAt: 0,
  error: 0,
} satisfies Record<Facts[number], 0>) as (keyof RunDocument | 'error')[]

/** Where facts are filled in, and which. */
const FILLED: readonly (readonly [place: RegExp, facts: Facts])[] = [
  [/^\/target\/http\/body(?:\/|$)/, FACTS_BEFORE],
  [/^\/target\/message\/(?:body(?:\/|$)|routingKey$)/, FACTS_BEFORE],
  [/^\/callback\/body(?:\/|$)/, FACTS_AFTER],
]
/** Braces of other people stay as they are; these are ours. */
const PLACE = /\{\{\s*run\.([\w.]*)\s*(\}\})?/gi
const FILLED_PLACE = /\{\{\s*(?:run|secret)\.[\w.-]{1,200}\s*\}\}/gi
const WARNINGS_MAX = 20
const SHOWN_MAX = 100

export function jobWarnings({ target, callback }: Partial<JobSpec>): ScheduleWarning[] {
  const warnings: ScheduleWarning[] = []
  eachText({ target, callback }, '', (text, pointer) => {
    const facts = FILLED.find(([place]) => place.test(pointer))?.[1] ?? null
    for (const place of text.matchAll(PLACE)) {
      const detail = unfilled(place, facts)
      if (detail !== null)
        warnings.push({ code: 'place_unfilled', detail: `${pointer.slice(0, SHOWN_MAX)}: ${detail}` })
    }
  })
  for (const [pointer, headers] of [
    ['/target/http/headers', target?.http?.headers],
    ['/callback/headers', callback?.headers],
  ] as const) {
    for (const [name, value] of Object.entries(headers ?? {})) {
      if (!isCredentialHeader(name) || secretNames(value).length > 0) continue
      const detail = `${pointer}/${name} stands in the job for everybody who may read it. Name a secret instead: {{secret.name}}.`
      warnings.push({ code: 'credential_readable', detail })
    }
  }
  for (const [pointer, said] of [
    ['/target/http/body', target?.http],
    ['/callback/body', callback],
  ] as const) {
    if (!saysJson(said?.headers) || typeof said?.body !== 'string' || isJson(said.body)) continue
    const detail = `${pointer} is no JSON, as its Content-Type says it is. Write the body as JSON, not as a text, or mend it.`
    warnings.push({ code: 'body_not_json', detail })
  }
  return warnings.slice(0, WARNINGS_MAX)
}

function saysJson(headers: Readonly<Record<string, string>> | undefined): boolean {
  const type = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  return type !== undefined && /^[^;]*[/+]json\s*(?:;|$)/i.test(type)
}

/** Perhaps only once it is filled in: places may stand for values as well as within texts. */
function isJson(body: string): boolean {
  for (const value of ['0', '']) {
    try {
      JSON.parse(body.replace(FILLED_PLACE, value))
      return true
    } catch {}
  }
  return false
}

/** null: it is filled in. */
function unfilled([place, name = '', end]: RegExpMatchArray, facts: Facts | null): string | null {
  const shown = place.slice(0, SHOWN_MAX)
  if (facts === null) return `${shown} stays as it is written: facts of a run are filled in in bodies only.`
  if (end === undefined) return `${shown} stays as it is written: it does not end with }}.`
  if (facts.some((fact) => fact === name)) return null
  return `${shown} stays as it is written: facts here are ${facts.map((fact) => `run.${fact}`).join(', ')}.`
}
