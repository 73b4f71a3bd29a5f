// The document of a job from the options of one command line. Meaning is checked by the server, once for everybody.

import type { JobDraft } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import { commaList } from '../repeated.ts'
import { defined } from './defined.ts'
import type { DraftOptions, ScheduleOptions } from './draft-options.ts'
import { executionTargetOf } from './execution-of-options.ts'
import { pairsOf } from './pairs-of.ts'

/** `readText` reads the file or standard input that `@…` names. */
export async function draftOfOptions(
  name: string,
  options: DraftOptions,
  readText: (place: string) => Promise<string>,
): Promise<JobDraft> {
  const target =
    (await executionTargetOf(options, readText)) ??
    (await messageTargetOf(options, readText)) ??
    (await httpTargetOf(options, readText))
  const { maxRuns, description, project, callback } = options
  return {
    name,
    ...defined({ project, description }),
    ...(options.label === undefined ? {} : { labels: labelsOf(options.label) }),
    schedule: { ...scheduleOf(options), ...defined({ maxRuns }) },
    target,
    ...policyOf(options, target),
    ...(callback === undefined ? {} : { callback: { url: callback } }),
  } as JobDraft
}

export function scheduleOf({
  every,
  cron,
  at,
  timezone,
  from,
  until,
}: ScheduleOptions): JobDraft['schedule'] {
  return defined({ every, cron, at, timezone, from, until }) as JobDraft['schedule']
}

async function httpTargetOf(
  options: DraftOptions,
  readText: (place: string) => Promise<string>,
): Promise<JobDraft['target']> {
  const { url, header, body, timeout, accept, batchItems } = options
  if (url === undefined) {
    throw new CliError(EXIT.usage, 'What is the job to do?', {
      hint: 'Add --url https://…, --command, --shell or --queue, or read the job from a file with -f.',
    })
  }
  const rest = defined({
    method: options.method?.toUpperCase(),
    headers: header === undefined ? undefined : headersOf(header),
    body: body === undefined ? undefined : await bodyOf(body, readText),
    timeout,
    acceptStatus: accept === undefined ? undefined : commaList(accept).map(statusOf),
    batch: batchItems === undefined ? undefined : { maxItems: batchItems },
    async: options.async,
  })
  return { http: { url, ...rest } }
}

/** null: the options name no place on the bus. */
async function messageTargetOf(
  options: DraftOptions,
  readText: (place: string) => Promise<string>,
): Promise<JobDraft['target'] | null> {
  const { exchange, queue, routingKey, header, body, finish, startTimeout, workerProtocol } = options
  if (exchange === undefined && queue === undefined && workerProtocol === undefined) return null
  const rest = defined({
    exchange,
    queue,
    routingKey,
    headers: header === undefined ? undefined : headersOf(header),
    body: body === undefined ? undefined : await bodyOf(body, readText),
    finish,
    startTimeout,
    protocol: workerProtocol,
  })
  return { message: rest } as JobDraft['target']
}

function policyOf(options: DraftOptions, target: JobDraft['target']): object {
  const { overlap, catchUp, startWithin, retries, retryDelays, atMostOnce } = options
  const { heartbeatTimeout, queueTimeout, concurrency } = options
  const policy = defined({
    overlap,
    catchUp,
    startWithin,
    timeout: target.http === undefined ? options.timeout : undefined,
    heartbeatTimeout,
    queueTimeout,
    concurrency,
    retry:
      retries !== undefined
        ? { max: retries }
        : retryDelays === undefined
          ? undefined
          : { delays: commaList(retryDelays) },
    delivery: atMostOnce === true ? 'at_most_once' : undefined,
  })
  return Object.keys(policy).length === 0 ? {} : { policy }
}

/** An object or list of JSON goes out as JSON; anything else as the text it is. */
export async function bodyOf(text: string, readText: (place: string) => Promise<string>): Promise<unknown> {
  const content = text.startsWith('@') ? await readText(text.slice(1)) : text
  if (!/^\s*[{[]/.test(content)) return content
  try {
    return JSON.parse(content)
  } catch {
    return content
  }
}

function headersOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      if (colon < 1)
        throw new CliError(EXIT.usage, `The header "${line}" has no colon.`, {
          hint: "Write it like --header 'X-Team: billing'.",
        })
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
    }),
  )
}

export function labelsOf(pairs: readonly string[]): Record<string, string> {
  return pairsOf(pairs, 'label', '--label team=billing')
}

function statusOf(text: string): string | number {
  return /^\d{3}$/.test(text) ? Number(text) : text
}
