// The options that describe a job, and where in its document each belongs.

import { type Command, Option } from 'commander'
import { wholeNumber } from '../numbers.ts'
import { repeated } from '../repeated.ts'
import { concurrencyOf } from './concurrency-of.ts'

export type ScheduleOptions = {
  readonly every?: string
  readonly cron?: string
  readonly at?: string
  readonly timezone?: string
  readonly from?: string
  readonly until?: string
}

export type DraftOptions = ScheduleOptions & {
  readonly url?: string
  readonly method?: string
  readonly header?: readonly string[]
  readonly body?: string
  readonly timeout?: string
  readonly accept?: string
  readonly batchItems?: number
  readonly async?: boolean
  readonly exchange?: string
  readonly queue?: string
  readonly routingKey?: string
  readonly finish?: string
  readonly workerProtocol?: string
  readonly startTimeout?: string
  readonly command?: string
  readonly shell?: string
  readonly script?: string
  readonly interpreter?: string
  readonly arg?: readonly string[]
  readonly env?: readonly string[]
  readonly cwd?: string
  readonly user?: string
  readonly stdin?: string
  readonly killAfter?: string
  readonly on?: string
  readonly onLabel?: readonly string[]
  readonly maxRuns?: number
  readonly overlap?: string
  readonly catchUp?: string
  readonly startWithin?: string
  readonly heartbeatTimeout?: string
  readonly queueTimeout?: string
  readonly concurrency?: { readonly key: string; readonly max: number }
  readonly retries?: number
  readonly retryDelays?: string
  readonly atMostOnce?: boolean
  readonly callback?: string
  readonly label?: readonly string[]
  readonly description?: string
  readonly project?: string
  readonly file?: string
  readonly wholeOrNone?: boolean
  readonly dryRun?: boolean
}

export function addScheduleOptions(command: Command): Command {
  const group = 'When:'
  return command
    .addOption(
      new Option('--every <duration>', 'a period: 30s, 5m, 1h30m').helpGroup(group).conflicts(['cron', 'at']),
    )
    .addOption(
      new Option('--cron <expression>', '"30 2 * * MON-FRI", also with seconds in front')
        .helpGroup(group)
        .conflicts('at'),
    )
    .addOption(new Option('--at <time>', 'once: 2027-01-31T09:00:00Z').helpGroup(group))
    .addOption(new Option('--timezone <zone>', 'IANA name (default UTC)').helpGroup(group))
    .addOption(new Option('--from <time>', 'nothing is due before this').helpGroup(group))
    .addOption(new Option('--until <time>', 'nothing is due from here on').helpGroup(group))
}

export function addDraftOptions(command: Command): Command {
  const what = 'What:'
  const rules = 'Rules:'
  const rest = 'About it:'
  command.addOption(
    new Option('-f, --file <path>', 'one job, or several: JSON or YAML ("-": standard input)').conflicts([
      'url',
      'command',
      'shell',
      'script',
      'exchange',
      'queue',
      'every',
      'cron',
      'at',
      'method',
      'body',
      'header',
      'overlap',
      'catchUp',
      'retries',
      'retryDelays',
      'callback',
    ]),
  )
  command.option('--whole-or-none', 'with -f: one wrong job and none is stored (up to 10,000)')
  command.option('--dry-run', 'only say what the server would make of it')
  addScheduleOptions(command)
  command
    .addOption(
      new Option('--max-runs <number>', 'then it is finished')
        .argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER))
        .helpGroup('When:'),
    )
    .addOption(
      new Option('--url <url>', 'what to call').conflicts(['command', 'shell', 'script']).helpGroup(what),
    )
    .addOption(
      new Option('--method <method>', 'default POST with a body or in batches, else GET').helpGroup(what),
    )
    .addOption(
      new Option('--header <name: value>', 'a header of the call (repeat)')
        .argParser(repeated)
        .helpGroup(what),
    )
    .addOption(
      new Option('--body <text>', 'JSON, or any text; @file reads it, @- from standard input').helpGroup(
        what,
      ),
    )
    .addOption(new Option('--timeout <duration>', 'of one attempt').helpGroup(what))
    .addOption(new Option('--accept <statuses>', 'what counts as success: 2xx,304').helpGroup(what))
    .addOption(
      new Option('--batch-items <number>', 'runs due together leave as one array of up to so many')
        .argParser(wholeNumber(1, 10_000))
        .helpGroup(what),
    )
    .addOption(
      new Option('--async', 'an answer of 202 means begun: the receiver completes the run later').helpGroup(
        what,
      ),
    )
  addExecutionOptions(command)
  addMessageOptions(command)
  return command
    .addOption(
      new Option('--overlap <mode>', 'due while one is under way (default skip)')
        .choices(['skip', 'queue', 'allow', 'replace'])
        .helpGroup(rules),
    )
    .addOption(
      new Option('--catch-up <mode>', 'what passed while nobody could ring it (default latest)')
        .choices(['none', 'latest', 'all'])
        .helpGroup(rules),
    )
    .addOption(
      new Option('--start-within <duration>', 'started later than this it is missed').helpGroup(rules),
    )
    .addOption(
      new Option(
        '--heartbeat-timeout <duration>',
        'silence of a command, script or receiver that counts as lost',
      ).helpGroup(rules),
    )
    .addOption(
      new Option('--concurrency <key=max>', 'of the runs with this key, so many at a time: db=2')
        .argParser(concurrencyOf)
        .helpGroup(rules),
    )
    .addOption(
      new Option('--queue-timeout <duration>', 'no matching agent for so long, and it is missed').helpGroup(
        rules,
      ),
    )
    .addOption(
      new Option('--retries <number>', 'further attempts (default 3)')
        .argParser(wholeNumber(0, 100))
        .conflicts('retryDelays')
        .helpGroup(rules),
    )
    .addOption(new Option('--retry-delays <durations>', 'the wait before each: 1s,5s,30s').helpGroup(rules))
    .addOption(
      new Option('--at-most-once', 'never twice; where we cannot know it ends as unknown').helpGroup(rules),
    )
    .addOption(new Option('--callback <url>', 'told when a run has ended').helpGroup(rules))
    .addOption(new Option('-l, --label <key=value>', 'a label (repeat)').argParser(repeated).helpGroup(rest))
    .addOption(new Option('--description <text>', 'for people').helpGroup(rest))
    .addOption(new Option('-p, --project <name>', 'default: default').helpGroup(rest))
}

/** What an agent is to start, and on which agents. */
function addExecutionOptions(command: Command): Command {
  const group = 'What, on an agent:'
  return command
    .addOption(
      new Option('--command <line>', 'a program and its arguments; no shell reads them')
        .conflicts(['shell', 'script'])
        .helpGroup(group),
    )
    .addOption(new Option('--shell <line>', 'a line for sh -c').conflicts('script').helpGroup(group))
    .addOption(new Option('--script <sha256>', 'an uploaded script').helpGroup(group))
    .addOption(new Option('--interpreter <name>', 'what runs the script: python3').helpGroup(group))
    .addOption(
      new Option('--arg <text>', 'an argument of the script (repeat)').argParser(repeated).helpGroup(group),
    )
    .addOption(new Option('--env <name=value>', 'a variable (repeat)').argParser(repeated).helpGroup(group))
    .addOption(new Option('--cwd <directory>', 'where it starts').helpGroup(group))
    .addOption(new Option('--user <name>', 'whom it runs as').helpGroup(group))
    .addOption(new Option('--stdin <text>', 'its input; @file reads it').helpGroup(group))
    .addOption(new Option('--kill-after <duration>', 'between TERM and KILL (default 10s)').helpGroup(group))
    .addOption(new Option('--on <place>', 'any (default), all, or shard:4').helpGroup(group))
    .addOption(
      new Option('--on-label <key=value>', 'only on agents that have it (repeat)')
        .argParser(repeated)
        .helpGroup(group),
    )
}

/** What is published to the bus, and where. */
function addMessageOptions(command: Command): Command {
  const group = 'What, on the message bus:'
  const others = ['url', 'command', 'shell', 'script']
  return command
    .addOption(
      new Option('--exchange <name>', 'publish to this exchange; --body and --header say what')
        .conflicts([...others, 'queue'])
        .helpGroup(group),
    )
    .addOption(new Option('--routing-key <key>', 'with --exchange').conflicts('queue').helpGroup(group))
    .addOption(
      new Option('--queue <name>', 'publish straight to this queue').conflicts(others).helpGroup(group),
    )
    .addOption(
      new Option('--finish <when>', 'done when the bus has it (confirm), or when its worker says so (status)')
        .choices(['confirm', 'status'])
        .helpGroup(group),
    )
    .addOption(
      new Option('--worker-protocol <name>', 'for workers of another system, instead of a queue')
        .choices(['simple-scheduler'])
        .conflicts([...others, 'queue', 'exchange', 'finish'])
        .helpGroup(group),
    )
    .addOption(
      new Option('--start-timeout <duration>', 'no worker begins within this: timed out').helpGroup(group),
    )
}

/** Where the server points to, and the option that is to be mended. */
export const OPTION_OF_POINTER: readonly (readonly [pointer: string, option: string])[] = [
  ['/schedule/every', '--every'],
  ['/schedule/cron', '--cron'],
  ['/schedule/at', '--at'],
  ['/schedule/timezone', '--timezone'],
  ['/schedule/from', '--from'],
  ['/schedule/until', '--until'],
  ['/schedule/maxRuns', '--max-runs'],
  ['/target/http/url', '--url'],
  ['/target/http/method', '--method'],
  ['/target/http/headers', '--header'],
  ['/target/http/body', '--body'],
  ['/target/http/timeout', '--timeout'],
  ['/target/http/acceptStatus', '--accept'],
  ['/target/http/batch', '--batch-items'],
  ['/target/http/async', '--async'],
  ['/target/command/argv', '--command'],
  ['/target/command/shell', '--shell'],
  ['/target/script/sha256', '--script'],
  ['/target/script/interpreter', '--interpreter'],
  ['/target/script/args', '--arg'],
  ...(['command', 'script'] as const).flatMap((kind) =>
    (
      [
        ['env', '--env'],
        ['cwd', '--cwd'],
        ['user', '--user'],
        ['stdin', '--stdin'],
        ['killAfter', '--kill-after'],
        ['on/labels', '--on-label'],
        ['on', '--on'],
      ] as const
    ).map(([part, option]): [string, string] => [`/target/${kind}/${part}`, option]),
  ),
  ['/target/message/exchange', '--exchange'],
  ['/target/message/queue', '--queue'],
  ['/target/message/routingKey', '--routing-key'],
  ['/target/message/headers', '--header'],
  ['/target/message/body', '--body'],
  ['/target/message/finish', '--finish'],
  ['/target/message/startTimeout', '--start-timeout'],
  ['/target/message/protocol', '--worker-protocol'],
  ['/policy/overlap', '--overlap'],
  ['/policy/catchUp', '--catch-up'],
  ['/policy/startWithin', '--start-within'],
  ['/policy/timeout', '--timeout'],
  ['/policy/heartbeatTimeout', '--heartbeat-timeout'],
  ['/policy/queueTimeout', '--queue-timeout'],
  ['/policy/concurrency', '--concurrency'],
  ['/policy/retry/max', '--retries'],
  ['/policy/retry/delays', '--retry-delays'],
  ['/callback/url', '--callback'],
  ['/labels', '--label'],
  ['/description', '--description'],
  ['/project', '--project'],
  ['/name', 'the name'],
]
