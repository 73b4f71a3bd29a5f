// What an agent is started with: from flags, the environment, and its policy file. All problems at once.

import { AGENT_LIMITS, type Labels } from '../../domain/agent.ts'
import { parseDuration } from '../../domain/duration.ts'
import type { AgentConfig } from '../agent.ts'
import { readPolicyFile } from '../agent-policy-file.ts'
import type { Environment, Notice, ReadFile } from './given.ts'

export type AgentFlags = {
  readonly server?: string | undefined
  readonly token?: string
  readonly tokenFile?: string
  readonly name?: string
  readonly dataDir?: string
  readonly labels: Labels
  readonly slots?: number
  readonly policy?: string
  readonly drainTimeout?: string
  readonly rotateEvery?: string
}

const SERVER_DEFAULT = 'http://127.0.0.1:8080'
const SLOTS_DEFAULT = 8

export function agentConfig(
  flags: AgentFlags,
  env: Environment,
  readFile: ReadFile,
): { readonly config: AgentConfig | null; readonly problems: readonly Notice[] } {
  const problems: Notice[] = []
  const server = flags.server ?? env['CARILLON_URL'] ?? SERVER_DEFAULT
  if (!/^https?:\/\//.test(server) || !URL.canParse(server)) {
    problems.push({ origin: '--server', detail: `"${server}" is not the address of a server.` })
  }
  const duration = (origin: string, text: string | undefined, preset: number): number => {
    const ms = text === undefined ? preset : parseDuration(text)
    if (ms === null) problems.push({ origin, detail: `"${text}" is not a duration. Write it like "30s".` })
    return ms ?? preset
  }
  const tried = <T>(origin: string, act: () => T): T | null => {
    try {
      return act()
    } catch (error) {
      problems.push({ origin, detail: (error as Error).message })
      return null
    }
  }
  const drainTimeoutMs = duration('--drain-timeout', flags.drainTimeout, 30_000)
  const rotateEveryMs = duration('--rotate-every', flags.rotateEvery, 86_400_000)
  const path = flags.policy ?? env['CARILLON_AGENT_POLICY']
  const policy = path === undefined ? {} : tried('--policy', () => readPolicyFile(path))
  const token = tried('--token-file', () => tokenOf(flags, env, readFile))
  const slots = flags.slots ?? SLOTS_DEFAULT
  if (slots > AGENT_LIMITS.slotsMax) problems.push({ origin: '--slots', detail: 'These are too many.' })
  if (problems.length > 0) return { config: null, problems }
  const config: AgentConfig = {
    server,
    token: token ?? null,
    name: flags.name ?? null,
    dataDir: flags.dataDir ?? env['CARILLON_AGENT_DATA_DIR'] ?? './agent-data',
    labels: flags.labels,
    slots,
    policy: policy ?? {},
    drainTimeoutMs,
    rotateEveryMs,
  }
  return { config, problems }
}

function tokenOf({ token, tokenFile }: AgentFlags, env: Environment, readFile: ReadFile): string | null {
  if (token !== undefined) return token
  if (tokenFile === undefined) return env['CARILLON_AGENT_TOKEN'] ?? null
  const file = readFile(tokenFile)
  if (file === null) throw new Error(`There is no file ${tokenFile}.`)
  return file.text.trim()
}
