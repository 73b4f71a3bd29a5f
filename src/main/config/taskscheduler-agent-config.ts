// What an agent of taskscheduler is started with: from flags, and from the environment its program had. All problems at once.

import { readPolicyFile } from '../agent-policy-file.ts'
import type { TaskschedulerAgentConfig } from '../taskscheduler-agent.ts'
import { callersOf } from '../taskscheduler-callers.ts'
import type { Address } from './config.ts'
import type { Environment, Notice } from './given.ts'
import { address } from './kinds.ts'
import { isLoopback } from './loopback.ts'

export type TaskschedulerAgentFlags = {
  readonly server?: string | undefined
  readonly listen?: string
  readonly callers?: readonly string[]
  readonly dataDir?: string
  readonly policy?: string
}

const SERVER_DEFAULT = 'http://localhost:8080'
const PORT_DEFAULT = '8081'

export function taskschedulerAgentConfig(
  flags: TaskschedulerAgentFlags,
  env: Environment,
): { readonly config: TaskschedulerAgentConfig | null; readonly problems: readonly Notice[] } {
  const problems: Notice[] = []
  const server = flags.server ?? env['TASK_SERVER_ADDRESS'] ?? SERVER_DEFAULT
  if (!isServer(server)) {
    // It may hold a key.
    problems.push({
      origin: '--server',
      detail: 'This is not the address of a server, such as http://localhost:8080.',
    })
  }
  const callers = flags.callers ?? []
  const tried = <T>(origin: string, act: () => T): T | null => {
    try {
      return act()
    } catch (error) {
      problems.push({ origin, detail: (error as Error).message })
      return null
    }
  }
  tried('--callers', () => callersOf(callers))
  const path = flags.policy ?? env['CARILLON_AGENT_POLICY']
  const policy = path === undefined ? {} : tried('--policy', () => readPolicyFile(path))
  const listen = tried('--listen', () => listenOf(flags.listen ?? `:${env['PORT'] ?? PORT_DEFAULT}`, callers))
  if (listen === null || policy === null || problems.length > 0) return { config: null, problems }
  const dataDir = flags.dataDir ?? env['CARILLON_AGENT_DATA_DIR'] ?? './agent-data'
  return { config: { server, listen, callers, dataDir, policy }, problems }
}

/** The key that may stand in it can be read, too. */
function isServer(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text).protocol) && decodeURIComponent(new URL(text).password) !== null
  } catch {
    return false
  }
}

/** ":8081" is every address when callers are named, and this machine otherwise. */
function listenOf(text: string, callers: readonly string[]): Address {
  const anywhere = callers.length === 0 ? '127.0.0.1' : '[::]'
  const read = address.read(/^:\d+$/.test(text) ? anywhere + text : text)
  if ('detail' in read) throw new Error(`"${text}" ${read.detail}, or ":8081"`)
  if (callers.length > 0 || isLoopback(read.value.host)) return read.value
  throw new Error(
    `${text} can be reached from other machines, and who calls may start commands here. Name them with --callers, or listen on 127.0.0.1.`,
  )
}
