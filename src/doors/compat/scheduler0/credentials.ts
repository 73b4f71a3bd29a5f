// Credentials: keys of ours. Its api key is the key's id, its api secret the key itself, which only the answer that makes it
// holds: nothing here can read it again.

import { createKey, listKeys, revokeKey } from '../../../commands/keys.ts'
import type { ApiKey } from '../../../domain/api-key.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Answer } from '../../http/endpoint.ts'
import { presentedKey } from '../../http/presented-key.ts'
import type { CompatAsk } from '../compat-door.ts'
import { nothing, told } from './envelope.ts'
import { pageOf } from './pages.ts'
import { camelKeys, inWords, type Words } from './words.ts'

/** Both headers, or a key as everywhere else here. */
export function shownSecret(rawHeaders: readonly string[]): string | null {
  const secret = headerOf(rawHeaders, 'x-secret-key')
  if (secret !== null) return headerOf(rawHeaders, 'x-api-key') === null ? '' : secret
  return presentedKey(rawHeaders)
}

/** Does the pair belong together? */
export function isPair(rawHeaders: readonly string[], keyId: string): boolean {
  return headerOf(rawHeaders, 'x-secret-key') === null || headerOf(rawHeaders, 'x-api-key') === keyId
}

function headerOf(rawHeaders: readonly string[], wanted: string): string | null {
  const at = rawHeaders.findIndex((text, n) => n % 2 === 0 && text.toLowerCase() === wanted)
  return at < 0 ? null : (rawHeaders[at + 1]?.trim() ?? null)
}

export async function create({ ctx, who }: CompatAsk, words: Words): Promise<Answer> {
  const draft = { name: 'scheduler0 client', scopes: ['jobs:write', 'runs:write'] as const }
  const { key, secret } = await createKey(ctx, who, draft)
  return told(201, { ...inWordsOf(key, words), ...inWords(words, { apiSecret: secret }) })
}

export async function list(ask: CompatAsk, words: Words): Promise<Answer> {
  const { items, ...page } = await pageOf(ask, { read: (more) => listKeys(ask.ctx, ask.who, more) })
  if (items.length === 0) throw new AppError('not_found', 'there no credentials')
  return told(200, { credentials: items.map((key) => inWordsOf(key, words)), ...page })
}

export async function getOne(ask: CompatAsk, words: Words): Promise<Answer> {
  return told(200, inWordsOf(await asked(ask), words))
}

/** Archives it. What is wrong is said with 200 and success: false, as it was there. */
export async function update(ask: CompatAsk, words: Words): Promise<Answer> {
  const key = await asked(ask)
  const sent = camelKeys((ask.body ?? {}) as Record<string, unknown>)
  const refuse = (data: string): Answer => ({ ...told(200, data), body: { data, success: false } })
  if (sent.apiKey !== key.id) return refuse('the api_key is not that of this credential')
  if (sent.archived !== true) return refuse('a credential can be archived and not come back: create another')
  if (key.revokedAt !== null) return told(200, inWordsOf(key, words))
  return told(200, inWordsOf(await revokeKey(ask.ctx, ask.who, key.id), words))
}

export async function remove(ask: CompatAsk): Promise<Answer> {
  try {
    const key = await asked(ask)
    if (key.revokedAt === null) await revokeKey(ask.ctx, ask.who, key.id)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error
  }
  return nothing()
}

async function asked({ ctx, who, params }: CompatAsk): Promise<ApiKey> {
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page = { limit: ctx.limits.pageMax, ...(cursor === undefined ? {} : { cursor }) }
    const { items, nextCursor } = await listKeys(ctx, who, page)
    const key = items.find(({ id }) => id === params.id)
    if (key !== undefined) return key
    cursor = nextCursor
  }
  throw new AppError('not_found', 'message: credential not found, code: 404')
}

function inWordsOf(key: ApiKey, words: Words): Record<string, unknown> {
  return inWords(words, {
    id: key.id,
    archived: key.revokedAt !== null,
    apiKey: key.id,
    dateCreated: new Date(key.createdAt).toISOString(),
  })
}
