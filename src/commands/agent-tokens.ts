// Tokens by which agents come in. Each lets one agent in, once, and says what it is chosen by and where it may work.

import { AGENT_LIMITS, type JoinToken, type Labels } from '../domain/agent.ts'
import type { Principal } from '../domain/api-key.ts'
import { checkLabels } from '../domain/check-labels.ts'
import { checkDuration } from '../domain/check-policy.ts'
import { Problems } from '../domain/errors.ts'
import type { Page, PageRequest } from '../ports/store.ts'
import { makeKey } from './api-key-secret.ts'
import { audited } from './audited.ts'
import { authorize, governsProjects, notFound } from './authorize.ts'
import type { Context } from './context.ts'
import { findProject } from './find-project.ts'

export type JoinTokenDraft = {
  readonly labels?: Labels
  /** Names or ids of the projects it may work for; default: all that the caller may enter. */
  readonly projects?: readonly string[]
  readonly ttl?: string
}

/** The token is in this answer and nowhere else. */
export async function createJoinToken(
  ctx: Context,
  who: Principal,
  draft: JoinTokenDraft,
): Promise<{ token: JoinToken; secret: string }> {
  authorize(who, 'agent_token.create')
  const problems = new Problems()
  const { tokenTtlDefaultMs, tokenTtlMaxMs, labelsMax } = AGENT_LIMITS
  const ttlMs = checkDuration(draft.ttl, problems, '/ttl', 1_000, tokenTtlMaxMs) ?? tokenTtlDefaultMs
  const labels = draft.labels ?? {}
  checkLabels(labels, problems, '/labels', labelsMax)
  problems.throwIfAny()
  const projects = await Promise.all((draft.projects ?? []).map((name) => findProject(ctx, who, name)))
  const { secret, hash, hint } = makeKey(ctx.chance)
  const now = ctx.clock.now()
  const token: JoinToken = {
    id: ctx.chance.id('tok'),
    hint,
    hash,
    labels,
    projectIds: draft.projects === undefined ? who.projectIds : projects.map(({ id }) => id),
    createdAt: now,
    createdBy: who.id,
    expiresAt: now + ttlMs,
    usedAt: null,
    usedBy: null,
  }
  await audited(
    ctx,
    who,
    'agent_token.create',
    { subject: token.id, detail: { labels, projectIds: token.projectIds } },
    () => ctx.store.agents.addToken(token),
  )
  return { token, secret }
}

export async function listJoinTokens(
  ctx: Context,
  who: Principal,
  page: PageRequest,
): Promise<Page<JoinToken>> {
  authorize(who, 'agent_token.read')
  const { items, nextCursor } = await ctx.store.agents.tokens(page)
  return { items: items.filter(({ projectIds }) => governsProjects(who, projectIds)), nextCursor }
}

export async function endJoinToken(ctx: Context, who: Principal, id: string): Promise<void> {
  authorize(who, 'agent_token.end')
  const token = await ctx.store.agents.token(id)
  if (token === null || !governsProjects(who, token.projectIds)) throw notFound('unused join token', id)
  const ended = await audited(ctx, who, 'agent_token.end', { subject: id }, () =>
    ctx.store.agents.endToken(id, ctx.clock.now()),
  )
  if (!ended) throw notFound('unused join token', id)
}
