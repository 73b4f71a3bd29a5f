// Secrets: set, list, delete. Nobody reads one again; jobs name it.

import type { Principal } from '../../domain/api-key.ts'
import { AppError, Problems } from '../../domain/errors.ts'
import { bindingOf, checkSecret, SECRET_LIMITS, type Secret } from '../../domain/secret.ts'
import type { Page, PageRequest } from '../../ports/store.ts'
import type { Vault } from '../../ports/vault.ts'
import { audited } from '../audited.ts'
import { authorize, notFound } from '../authorize.ts'
import type { Context } from '../context.ts'
import { findProjectId } from '../find-project.ts'

export type SecretRef = { readonly name: string; readonly project?: string }

export async function setSecret(
  ctx: Context,
  who: Principal,
  { name, project }: SecretRef,
  value: string,
): Promise<{ readonly secret: Secret; readonly added: boolean }> {
  authorize(who, 'secret.set')
  const projectId = await findProjectId(ctx, who, project)
  const problems = new Problems()
  checkSecret(name, value, problems)
  problems.throwIfAny()
  const now = ctx.clock.now()
  const id = ctx.chance.id('sec')
  const { keyId, text } = vaultOf(ctx).seal(value, bindingOf({ projectId, name, id }))
  const earlier = await ctx.store.secrets.get(projectId, name)
  const createdAt = earlier?.createdAt ?? now
  const secret: Secret = { projectId, name, id, keyId, createdAt, updatedAt: now, updatedBy: who.id }
  const done = await audited(ctx, who, 'secret.set', { projectId, subject: name }, () =>
    ctx.store.secrets.put({ ...secret, sealed: text }, SECRET_LIMITS.perProjectMax),
  )
  if (done === 'no_project') throw notFound('project', project)
  if (done === 'full') {
    throw new AppError(
      'quota_exceeded',
      `A project has at most ${SECRET_LIMITS.perProjectMax} secrets. Delete some that no job uses.`,
    )
  }
  return { secret, added: done === 'added' }
}

export async function listSecrets(
  ctx: Context,
  who: Principal,
  project: string | undefined,
  page: PageRequest,
): Promise<Page<Secret>> {
  authorize(who, 'secret.read')
  return ctx.store.secrets.list(await findProjectId(ctx, who, project), page)
}

export async function getSecret(ctx: Context, who: Principal, { name, project }: SecretRef): Promise<Secret> {
  authorize(who, 'secret.read')
  const secret = await ctx.store.secrets.get(await findProjectId(ctx, who, project), name)
  if (secret === null) throw notFound('secret', name)
  const { sealed: _, ...rest } = secret
  return rest
}

export async function deleteSecret(
  ctx: Context,
  who: Principal,
  { name, project }: SecretRef,
): Promise<void> {
  authorize(who, 'secret.delete')
  const projectId = await findProjectId(ctx, who, project)
  const done = await audited(ctx, who, 'secret.delete', { projectId, subject: name }, () =>
    ctx.store.secrets.delete(projectId, name),
  )
  if (done === null) throw notFound('secret', name)
  if (done.usedBy.length === 0) return
  const [shown, more] = [done.usedBy.slice(0, USERS_SHOWN_MAX), done.usedBy.length - USERS_SHOWN_MAX]
  const names = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  throw new AppError('in_use', `Jobs, or runs of them that are not final, use this secret: ${names}.`)
}

const USERS_SHOWN_MAX = 20

export function vaultOf({ vault }: Context): Vault {
  if (vault !== undefined && vault !== null) return vault
  const detail =
    'This server has no key to seal secrets with. Give every server on this store the same: CARILLON_SECRET_KEYS_FILE.'
  throw new AppError('invalid', detail, [{ pointer: '', code: 'no_sealing_key', detail }])
}
