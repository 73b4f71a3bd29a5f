import { type ApiKey, type Principal, SCOPES, type Scope } from '../domain/api-key.ts'
import { checkDuration } from '../domain/check-policy.ts'
import { formatDuration } from '../domain/duration.ts'
import { AppError, Problems } from '../domain/errors.ts'
import { isRole, ROLES, type Role } from '../domain/roles.ts'
import type { Page, PageRequest } from '../ports/store.ts'
import { hashKey, hintOf, makeKey } from './api-key-secret.ts'
import { type About, audited } from './audited.ts'
import { authorize, governsProjects, holds, notFound } from './authorize.ts'
import type { CommandLimits, Context } from './context.ts'
import { findProject } from './find-project.ts'

export type KeyDraft = {
  readonly name: string
  readonly scopes?: readonly Scope[]
  /** Names of bundles of scopes; they add to `scopes`. */
  readonly roles?: readonly Role[]
  /** Names or ids; default: all projects. */
  readonly projects?: readonly string[]
  /** null: never, where that may be; default: as the operator has it. */
  readonly expiresAt?: string | null
}

export type KeyWithSecret = { readonly key: ApiKey; readonly secret: string }

const NAME_MAX = 100
const OVERLAP_MAX_MS = 30 * 86_400_000

/** The secret is in this answer and nowhere else. */
export async function createKey(ctx: Context, who: Principal, draft: KeyDraft): Promise<KeyWithSecret> {
  authorize(who, 'key.create')
  const now = ctx.clock.now()
  const scopes = scopesOf(draft)
  const expiresAt = endOf(ctx, draft.expiresAt, now)
  checkDraft(who, { ...draft, scopes, expiresAt }, ctx.limits, now)
  const projects =
    draft.projects === undefined
      ? null
      : await Promise.all(draft.projects.map((name) => findProject(ctx, who, name)))
  const { secret, hash, hint } = makeKey(ctx.chance)
  const key: ApiKey = {
    id: ctx.chance.id('key'),
    name: draft.name,
    hint,
    hash,
    scopes,
    projectIds: projects?.map(({ id }) => id) ?? who.projectIds,
    createdAt: now,
    expiresAt,
    lastUsedAt: null,
    revokedAt: null,
    previous: null,
  }
  await audited(ctx, who, 'key.create', aboutKey(key), () => ctx.store.keys.add(key))
  return { key, secret }
}

export async function listKeys(ctx: Context, who: Principal, page: PageRequest): Promise<Page<ApiKey>> {
  authorize(who, 'key.read')
  const { items, nextCursor } = await ctx.store.keys.list(page)
  return { items: items.filter(({ projectIds }) => governsProjects(who, projectIds)), nextCursor }
}

/** A new secret for the same key. The old one works for `overlap` longer, so that its users can change over. */
export async function rotateKey(
  ctx: Context,
  who: Principal,
  id: string,
  request: { readonly overlap?: string },
): Promise<KeyWithSecret> {
  authorize(who, 'key.rotate')
  const problems = new Problems()
  const overlapMs = checkDuration(request.overlap, problems, '/overlap', 0, OVERLAP_MAX_MS) ?? 0
  problems.throwIfAny()
  const old = await liveKey(ctx, who, id)
  const { secret, hash, hint } = makeKey(ctx.chance)
  const previous = overlapMs === 0 ? null : { hash: old.hash, until: ctx.clock.now() + overlapMs }
  const key: ApiKey = { ...old, hash, hint, previous }
  const done = await audited(ctx, who, 'key.rotate', aboutKey(key), () =>
    ctx.store.keys.rotate(key, old.hash),
  )
  if (done) return { key, secret }
  // Revoked by now, or gone, or somebody else was faster: of two secrets made from one only the first may count.
  await liveKey(ctx, who, id)
  throw new AppError(
    'in_use',
    'Somebody else rotated this key at the same time; their secret counts. Rotate it again if you need one of your own.',
  )
}

/** What is left out stays. */
export type KeyEdit = Partial<Omit<KeyDraft, 'projects'>>

/**
 * Changes what a key is called, what it may do and how long: at its next request, as no node remembers keys. Whoever changes keys
 * has `admin` and cannot take it from itself, so that somebody with it is left.
 */
export async function editKey(ctx: Context, who: Principal, id: string, edit: KeyEdit): Promise<ApiKey> {
  authorize(who, 'key.edit')
  const now = ctx.clock.now()
  const old = await liveKey(ctx, who, id)
  refuseConfigured(id)
  if (old.expiresAt !== null && old.expiresAt <= now)
    throw new AppError('in_use', 'This key has expired; that does not change. Create a new one.')
  const scopes = edit.scopes === undefined && edit.roles === undefined ? undefined : scopesOf(edit)
  const expiresAt = edit.expiresAt === undefined ? undefined : endOf(ctx, edit.expiresAt, old.createdAt)
  const draft = { name: old.name, ...edit, scopes: scopes ?? old.scopes, expiresAt }
  checkDraft(who, draft, ctx.limits, now, old.createdAt)
  refuseLockout(who, old, scopes, expiresAt)
  const change = {
    ...(edit.name === undefined ? {} : { name: edit.name }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
  const key: ApiKey = { ...old, ...change }
  const { name, expiresAt: ended } = old
  const detail = {
    ...aboutKey(key).detail,
    expiresAt: key.expiresAt,
    was: { name, scopes: old.scopes, expiresAt: ended },
  }
  const done = await audited(ctx, who, 'key.edit', { subject: id, detail }, () =>
    ctx.store.keys.edit(id, change),
  )
  if (!done) throw notFound('key', id)
  await wakeAgentOf(ctx, id)
  return (await ctx.store.keys.get(id)) ?? key
}

/** They are what the server was started with: whoever looks there is not to be misled. */
function refuseConfigured(id: string): void {
  if (id !== CONFIGURED_KEY_ID && !id.startsWith(DOOR_KEY_ID)) return
  throw new AppError(
    'in_use',
    'This key is what the server was started with, and does what its option says. Configure another, or revoke it and create one.',
  )
}

function refuseLockout(
  who: Principal,
  { id, scopes: had, expiresAt: ended }: ApiKey,
  scopes: readonly Scope[] | undefined,
  expiresAt: number | null | undefined,
): void {
  if (id !== who.id || !had.includes('admin')) return
  const problems = new Problems()
  const detail = 'or nobody might be left to give it back. Have another admin do it.'
  if (scopes !== undefined && !scopes.includes('admin'))
    problems.add('/scopes', 'own_admin', `A key cannot take "admin" from itself, ${detail}`)
  if (ended === null && typeof expiresAt === 'number')
    problems.add('/expiresAt', 'own_admin', `A key that may do everything cannot end itself, ${detail}`)
  problems.throwIfAny()
}

export async function revokeKey(ctx: Context, who: Principal, id: string): Promise<ApiKey> {
  authorize(who, 'key.revoke')
  const key: ApiKey = { ...(await liveKey(ctx, who, id)), revokedAt: ctx.clock.now(), previous: null }
  const done = await audited(ctx, who, 'key.revoke', aboutKey(key), () => ctx.store.keys.updateLive(key))
  if (!done) throw notFound('key', id)
  await wakeAgentOf(ctx, id)
  return key
}

/** If it waits for work: it hears now that it may not, or may do less. */
async function wakeAgentOf(ctx: Context, keyId: string): Promise<void> {
  // The change is made: it is not to be answered with what this hint of it met.
  const agent = await ctx.store.agents.byKey(keyId).catch(() => null)
  if (agent !== null) ctx.waiting.wakeAgent(agent.id)
}

function aboutKey({ id, name, scopes, projectIds }: ApiKey): About {
  return { subject: id, detail: { name, scopes, projectIds } }
}

/** The keys the operator has configured; one place for each, so that a new one replaces the old. */
const CONFIGURED_KEY_ID = 'key_configured'
const DOOR_KEY_ID = 'key_door_'

/**
 * There is always a key to come in by: the configured one, or one made here at the first start. Not for
 * callers. Returns the secret when it was made here.
 */
export async function ensureAdminKey(ctx: Context, configured: string | null): Promise<string | null> {
  if (configured !== null) {
    const admin = adminKey(ctx, CONFIGURED_KEY_ID, hashKey(configured), hintOf(configured))
    await storeConfigured(ctx, admin)
    return null
  }
  const { items } = await ctx.store.keys.list({ limit: 1 })
  if (items.length > 0) return null
  const { secret, hash, hint } = makeKey(ctx.chance)
  await ctx.store.keys.add(adminKey(ctx, ctx.chance.id('key'), hash, hint))
  return secret
}

/** A configured key for the clients of one replaced system: jobs and runs of their project, and nothing else. */
export async function ensureDoorKey(
  ctx: Context,
  door: { readonly system: string; readonly projectId: string },
  secret: string,
): Promise<void> {
  const id = `${DOOR_KEY_ID}${door.system}`
  await storeConfigured(ctx, {
    ...adminKey(ctx, id, hashKey(secret), hintOf(secret)),
    name: `clients of ${door.system}`,
    scopes: ['jobs:write', 'runs:write'],
    projectIds: [door.projectId],
  })
}

async function storeConfigured(ctx: Context, key: ApiKey): Promise<void> {
  const old = await ctx.store.keys.get(key.id)
  // The project it is for may have been made anew. One that was revoked stays so until another is configured.
  const same = old?.projectIds?.join() === key.projectIds?.join()
  if (old?.hash === key.hash && (same || old.revokedAt !== null)) return
  const known = await ctx.store.keys.byHash(key.hash)
  if (known !== null && known.id !== key.id) return
  if (old === null) await ctx.store.keys.add(key)
  else await ctx.store.keys.update(key)
}

function adminKey(ctx: Context, id: string, hash: string, hint: string): ApiKey {
  return {
    id,
    name: 'admin',
    hint,
    hash,
    scopes: ['admin'],
    projectIds: null,
    createdAt: ctx.clock.now(),
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    previous: null,
  }
}

/** An admin of some projects governs the keys of these and no others; else it could rotate its way to more. */
async function liveKey(ctx: Context, who: Principal, id: string): Promise<ApiKey> {
  const key = await ctx.store.keys.get(id)
  if (key === null || !governsProjects(who, key.projectIds)) throw notFound('key', id)
  if (key.revokedAt !== null)
    throw new AppError('in_use', 'This key has been revoked; that does not change. Create a new one.')
  return key
}

function scopesOf({ scopes = [], roles = [] }: Pick<KeyDraft, 'scopes' | 'roles'>): Scope[] {
  return [...new Set([...scopes, ...roles.flatMap((role): readonly Scope[] => ROLES[role] ?? [])])]
}

/** NaN: it is no moment. */
function endOf({ limits }: Context, wished: string | null | undefined, now: number): number | null {
  if (wished === null) return null
  if (wished !== undefined) return Date.parse(wished)
  const lifetimes = [limits.keyLifetimeMs, limits.keyLifetimeMaxMs].filter((ms) => ms !== null)
  return lifetimes.length === 0 ? null : now + Math.min(...lifetimes)
}

type Checked = Omit<KeyDraft, 'scopes' | 'expiresAt'> & {
  readonly scopes: readonly Scope[]
  /** undefined: it stays as it is. */
  readonly expiresAt: number | null | undefined
}

/** `from`: when its life began. */
function checkDraft(
  who: Principal,
  draft: Checked,
  limits: CommandLimits,
  now: number,
  from: number = now,
): void {
  const problems = new Problems()
  if (draft.name.trim() === '' || draft.name.length > NAME_MAX) {
    problems.add('/name', 'name_invalid', `A key's name has 1 to ${NAME_MAX} characters.`)
  }
  draft.scopes.forEach((scope, n) => {
    if (!SCOPES.includes(scope))
      problems.add(`/scopes/${n}`, 'enum', `A scope is one of ${SCOPES.join(', ')}.`)
    else if (scope !== 'agent' && !holds(who, scope)) {
      problems.add(
        (draft.roles ?? []).length === 0 ? `/scopes/${n}` : '',
        'scope_too_broad',
        'A key cannot make another that may do more than itself.',
      )
    }
  })
  draft.roles?.forEach((role, n) => {
    if (!isRole(role))
      problems.add(`/roles/${n}`, 'enum', `A role is one of ${Object.keys(ROLES).join(', ')}.`)
  })
  if (draft.scopes.length === 0)
    problems.add('/scopes', 'required', 'A key needs at least one scope, or a role.')
  const { keyLifetimeMaxMs: maxMs } = limits
  if (
    maxMs !== null &&
    draft.expiresAt !== undefined &&
    !((draft.expiresAt ?? Number.POSITIVE_INFINITY) <= from + maxMs)
  ) {
    problems.add(
      '/expiresAt',
      'expires_late',
      `A key here works for ${formatDuration(maxMs)} and no longer (key-lifetime-max). Have it end by then, and make a new one.`,
    )
  }
  if (typeof draft.expiresAt === 'number' && !(draft.expiresAt > now)) {
    problems.add('/expiresAt', 'expires_past', 'A key expires at a moment in the future (RFC 3339).')
  }
  problems.throwIfAny()
}
