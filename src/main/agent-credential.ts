// The key of an agent, for its owner's eyes only. A new one is on disk before it is used.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writePrivateFile } from './private-file.ts'

export type AgentCredential = {
  readonly server: string
  readonly agentId: string
  readonly name: string
  readonly key: string
  /** When this key was made; it is changed from time to time. */
  readonly madeAt: number
}

/** null: this directory has none yet. */
export async function readCredential(dataDir: string): Promise<AgentCredential | null> {
  try {
    return JSON.parse(await readFile(pathIn(dataDir), 'utf8')) as AgentCredential
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`the credential in ${pathIn(dataDir)} cannot be read: ${(error as Error).message}`)
  }
}

export async function writeCredential(dataDir: string, credential: AgentCredential): Promise<void> {
  await writePrivateFile(pathIn(dataDir), `${JSON.stringify(credential, null, 2)}\n`)
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'agent.json')
}
