// Starts an agent in this process and stops it when asked to.

import { type Command, Option } from 'commander'
import { CarillonError } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import { labelsOf } from '../job/draft-of-options.ts'
import { wholeNumber } from '../numbers.ts'
import { commaList, repeated } from '../repeated.ts'
import type { Session } from '../session.ts'
import { signalled } from '../signals.ts'

export type AgentOptions = {
  readonly server?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly name?: string
  readonly dataDir?: string
  readonly labels?: readonly string[]
  readonly slots?: number
  readonly policy?: string
  readonly drainTimeout?: string
  readonly rotateEvery?: string
  readonly door?: 'taskscheduler'
  readonly listen?: string
  readonly callers?: readonly string[]
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error'
  readonly logFormat?: 'json' | 'pretty'
}

const GROUP = 'Options of an agent:'
const DOOR_GROUP = 'Options of an agent of a replaced system:'

export function addAgentOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--server <url>',
        'the server to dial (CARILLON_URL; default http://127.0.0.1:8080)',
      ).helpGroup(GROUP),
    )
    .addOption(
      new Option('--token <token>', 'join token, for the first start (CARILLON_AGENT_TOKEN)').helpGroup(
        GROUP,
      ),
    )
    .addOption(new Option('--token-file <path>', 'a file that holds it').helpGroup(GROUP))
    .addOption(new Option('--name <name>', 'unique (default: the name of the machine)').helpGroup(GROUP))
    .addOption(
      new Option(
        '--data-dir <path>',
        'its credential, and what waits for the server (default ./agent-data)',
      ).helpGroup(GROUP),
    )
    .addOption(
      new Option('-l, --labels <key=value>', 'what jobs choose it by (commas, or repeat)')
        .argParser(repeated)
        .helpGroup(GROUP),
    )
    .addOption(
      new Option('--slots <number>', 'attempts at the same time (default 8)')
        .argParser(wholeNumber(1, 1_024))
        .helpGroup(GROUP),
    )
    .addOption(
      new Option(
        '--policy <path>',
        'what this machine lets happen, whatever a server says: JSON or YAML',
      ).helpGroup(GROUP),
    )
    .addOption(
      new Option(
        '--drain-timeout <duration>',
        'how long a stop waits for what is under way (default 30s)',
      ).helpGroup(GROUP),
    )
    .addOption(
      new Option('--rotate-every <duration>', 'a new key after so long (default 1d)').helpGroup(GROUP),
    )
    .addOption(
      new Option('--door <system>', 'be an agent of a replaced system: it is handed its tasks')
        .choices(['taskscheduler'])
        .helpGroup(DOOR_GROUP),
    )
    .addOption(
      new Option('--listen <host:port>', 'where it takes tasks (PORT; default 127.0.0.1:8081)').helpGroup(
        DOOR_GROUP,
      ),
    )
    .addOption(
      new Option('--callers <addresses>', 'who may hand it tasks besides this machine (commas, or repeat)')
        .argParser(repeated)
        .helpGroup(DOOR_GROUP),
    )
    .addOption(
      new Option('--log-level <level>', 'least important line (default info)')
        .choices(['debug', 'info', 'warn', 'error'])
        .helpGroup(GROUP),
    )
    .addOption(
      new Option('--log-format <format>', 'default: pretty on a terminal')
        .choices(['json', 'pretty'])
        .helpGroup(GROUP),
    )
}

export async function runAgent(session: Session, options: AgentOptions): Promise<void> {
  if (options.door !== undefined) return runTaskschedulerAgent(session, options)
  const { terminal } = session
  const stopAsked = signalled()
  const { agentConfig } = await import('../../main/config/agent-config.ts')
  const { startAgent, NotJoined } = await import('../../main/agent.ts')
  const { createLogger } = await import('../../main/logger.ts')
  const { problems, config } = agentConfig(
    {
      ...options,
      server: options.server ?? session.options.url,
      labels: labelsOf((options.labels ?? []).flatMap(commaList)),
    },
    terminal.env,
    terminal.readFile,
  )
  if (config === null) throw notLikeThis(problems)
  const logger = createLogger(...logOf(session, options))
  const agent = await startAgent(config, logger).catch((error: unknown) => {
    if (error instanceof NotJoined) throw new CliError(EXIT.usage, error.message)
    if (error instanceof CarillonError) {
      throw new CliError(EXIT.failure, `The agent could not join ${config.server}: ${error.message}`, {
        cause: error,
      })
    }
    throw error
  })
  const end = await Promise.race([agent.ended, stopAsked.then(() => null)])
  if (end === null) session.note('stopping; once more to force it')
  await agent.stop()
  if (end !== null) throw new CliError(EXIT.failure, `The agent has stopped: ${end}`)
}

async function runTaskschedulerAgent(session: Session, options: AgentOptions): Promise<void> {
  const stopAsked = signalled()
  const { taskschedulerAgentConfig } = await import('../../main/config/taskscheduler-agent-config.ts')
  const { startTaskschedulerAgent } = await import('../../main/taskscheduler-agent.ts')
  const { createLogger } = await import('../../main/logger.ts')
  const { callers, ...flags } = options
  const server = flags.server ?? session.options.url
  const named = callers === undefined ? {} : { callers: callers.flatMap(commaList) }
  const { problems, config } = taskschedulerAgentConfig({ ...flags, server, ...named }, session.terminal.env)
  if (config === null) throw notLikeThis(problems)
  const agent = await startTaskschedulerAgent(config, createLogger(...logOf(session, options)))
  await stopAsked
  session.note('stopping; once more to force it')
  await agent.stop()
}

function notLikeThis(problems: readonly { readonly origin: string; readonly detail: string }[]): CliError {
  return new CliError(EXIT.usage, 'The agent cannot be started like this.', {
    complaints: problems.map(({ origin, detail }) => ({ where: origin, detail })),
  })
}

function logOf(
  { terminal }: Session,
  { logLevel, logFormat }: AgentOptions,
): [NonNullable<AgentOptions['logLevel']>, NonNullable<AgentOptions['logFormat']>] {
  return [logLevel ?? 'info', logFormat ?? (terminal.stderr.isTTY === true ? 'pretty' : 'json')]
}
