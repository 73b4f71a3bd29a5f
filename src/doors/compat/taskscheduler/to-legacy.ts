// Outputs of a round as this system shows them: by agent, what is empty left out.

import { createHash } from 'node:crypto'

export type Output = { readonly agentId: string; readonly stdout: string; readonly stderr: string }

export function roundShown(completedAt: number, outputs: readonly Output[]): Record<string, unknown> {
  return {
    completion_time: new Date(completedAt).toISOString(),
    outputs: outputs.map(({ agentId, stdout, stderr }) => ({
      agent_id: agentId,
      ...(stdout === '' ? {} : { stdout }),
      ...(stderr === '' ? {} : { stderr }),
    })),
  }
}

/** Its agents were UUIDs; ours have names. The same name is always the same one (version 8 of RFC 9562). */
export function agentUuid(name: string): string {
  const hex = createHash('sha256').update(`carillon agent ${name}`).digest('hex')
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
