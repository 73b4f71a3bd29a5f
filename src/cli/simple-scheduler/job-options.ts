// The options of a job of Simple Scheduler, with its names and letters, and the job that they make.

import { type Command, InvalidArgumentError, Option } from 'commander'

export type JobOptions = {
  readonly name: string
  readonly nextRunAt?: string
  readonly enabled?: boolean
  readonly interval?: number
  readonly runExecutionTimeout?: number
  readonly runStartTimeout?: number
  readonly maxQueueCount?: number
  readonly allowConcurrentRuns?: boolean
  readonly heartbeatTimeout?: number
}

const GROUP = 'The job:'

export function addJobOptions(command: Command, kind: 'new' | 'changed'): void {
  const isNew = kind === 'new'
  const options = [
    new Option('-n, --name <name>', 'its name').argParser(bare).makeOptionMandatory(),
    new Option('-r, --next-run-at <time>', 'when it runs next, in RFC 3339: 2027-01-01T00:00:00Z')
      .argParser(instant)
      .makeOptionMandatory(isNew),
    new Option('-e, --enabled [boolean]', 'may it run? (default true)').argParser(yesOrNo).preset('true'),
    new Option('-i, --interval <ms>', 'milliseconds between runs; 0: once').argParser(whole),
    new Option('-x, --run-execution-timeout <ms>', 'a run may take so long; 0: for ever').argParser(whole),
    new Option('-s, --run-start-timeout <ms>', 'a worker must begin within; 0: none').argParser(whole),
    new Option('-q, --max-queue-count <count>', 'so many runs wait at most; 0: 100').argParser(whole),
    new Option('-c, --allow-concurrent-runs [boolean]', 'several runs at a time? (default false)')
      .argParser(yesOrNo)
      .preset('true'),
    new Option('-t, --heartbeat-timeout <ms>', 'silence after which a run is lost; 0: none').argParser(whole),
  ]
  for (const option of options) command.addOption(option.helpGroup(GROUP))
}

/** As it was sent there: everything has a value. */
export function newJob(options: JobOptions): object {
  return {
    name: options.name,
    enabled: options.enabled ?? true,
    nextRunAt: options.nextRunAt,
    interval: options.interval ?? 0,
    runExecutionTimeout: options.runExecutionTimeout ?? 0,
    runStartTimeout: options.runStartTimeout ?? 0,
    maxQueueCount: options.maxQueueCount ?? 0,
    allowConcurrentRuns: options.allowConcurrentRuns ?? false,
    heartbeatTimeout: options.heartbeatTimeout ?? 0,
  }
}

const CHANGEABLE = [
  'enabled',
  'nextRunAt',
  'interval',
  'runExecutionTimeout',
  'runStartTimeout',
  'maxQueueCount',
  'allowConcurrentRuns',
  'heartbeatTimeout',
] as const

/** Only what was named. */
export function changedJob(options: JobOptions): object {
  return Object.fromEntries(
    CHANGEABLE.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])),
  )
}

function whole(text: string): number {
  if (/^\d{1,12}$/.test(bare(text))) return Number(bare(text))
  throw new InvalidArgumentError('It is a whole number, 0 or more')
}

/** As its own command line read them. */
function yesOrNo(text: string): boolean {
  if (/^(1|t|true)$/i.test(bare(text))) return true
  if (/^(0|f|false)$/i.test(bare(text))) return false
  throw new InvalidArgumentError('It is true or false')
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

function instant(text: string): string {
  const at = bare(text)
  if (RFC_3339.test(at) && !Number.isNaN(Date.parse(at))) return at
  throw new InvalidArgumentError('It is a time in RFC 3339, such as 2027-01-01T00:00:00Z')
}

/** There a letter, too, might be followed by an equals sign: -c=false. */
function bare(text: string): string {
  return text.replace(/^=/, '')
}
