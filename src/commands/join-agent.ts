// An agent comes in: its one-time token becomes a credential of its own, which it changes from time to time.

import { AGENT_LIMITS, type Agent } from '../domain/agent.ts'
import type { ApiKey, Principal } from '../domain/api-key.ts'
import { AppError, Problems } from '../domain/errors.ts'
import { hashKey, KEY_TEXT_MAX, makeKey } from './api-key-secret.ts'
import { audited } from './audited.ts'
import { authorize, notFound } from './authorize.ts'
import type { Context } from './context.ts'

export type JoinRequest = {
  readonly token: string
  readonly name: string
  readonly hostname: string
  readonly version: string
}

/** The old secret works so long still: the agent may not have been able to keep the new one. */
const ROTATION_OVERLAP_MS = 600_000

export async function joinAgent(
  ctx: Context,
  request: JoinRequest,
  address: string,
): Promise<{ agent: Agent; secret: string }> {
  checkName(request.name)
  const { secret, hash, hint } = makeKey(ctx.chance)
  const now = ctx.clock.now()
  const { name, hostname, version } = request
  const agentId = ctx.chance.id('agt')
  const tokenHash = hashKey(request.token.slice(0, KEY_TEXT_MAX))
  const actor = { id: agentId, name: `agent ${name}`, address }
  const join = () =>
    ctx.store.agents.join(tokenHash, now, ({ labels: granted, projectIds }) => {
      const keyId = ctx.chance.id('key')
      const key: ApiKey = {
        id: keyId,
        name: `agent ${name}`,
        hint,
        hash,
        scopes: ['agent'],
        projectIds,
        createdAt: now,
        expiresAt: null,
        lastUsedAt: null,
        revokedAt: null,
        previous: null,
      }
      return {
        agent: { id: agentId, name, keyId, granted, projectIds, hostname, version, createdAt: now },
        key,
      }
    })
  const about = { subject: agentId, detail: { name, hostname } }
  const result = await audited(ctx, actor, 'agent.join', about, join)
  if (result.kind === 'joined') return { agent: result.agent, secret }
  if (result.kind === 'name_taken') {
    throw new AppError('name_taken', `There is an agent "${name}" already. Give this one another name.`)
  }
  throw new AppError(
    'token_invalid',
    'This join token lets nobody in: it is unknown, was used, or is past its end. Make a new one with: carillon agent token create',
  )
}

/** A new secret for the agent's own key. */
export async function rotateAgentKey(ctx: Context, who: Principal): Promise<string> {
  authorize(who, 'agent.rotate')
  const old = await ctx.store.keys.get(who.id)
  if (old === null) throw notFound('key')
  const { secret, hash, hint } = makeKey(ctx.chance)
  // The answer of an earlier rotation may be lost: what the agent has is what it came with.
  const previous = { hash: who.keyHash ?? old.hash, until: ctx.clock.now() + ROTATION_OVERLAP_MS }
  const done = await audited(ctx, who, 'agent.rotate', { subject: old.id }, () =>
    ctx.store.keys.rotate({ id: old.id, hash, hint, previous }, old.hash),
  )
  if (!done) throw new AppError('in_use', 'This key was rotated or revoked at the same time. Ask again.')
  return secret
}

function checkName(name: string): void {
  const problems = new Problems()
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name) || name.length > AGENT_LIMITS.nameMax) {
    problems.add(
      '/name',
      'name_invalid',
      `An agent's name has 1 to ${AGENT_LIMITS.nameMax} of A-Z a-z 0-9 . _ - and starts and ends with a letter or digit.`,
    )
  }
  problems.throwIfAny()
}
