// The script that a caller names by where it is: an uploaded one by its SHA-256 or its name, or an object in the storage
// where clients of a replaced system put theirs. That one is taken in as it is now: what is stored there later changes
// no job.

import type { Principal } from '../../domain/api-key.ts'
import { AppError } from '../../domain/errors.ts'
import { SCRIPT_LIMITS, type Script } from '../../domain/script.ts'
import { BlobStoreUnavailable, isBlobKey, wholeOf } from '../../ports/blob-store.ts'
import { authorize } from '../authorize.ts'
import type { Context } from '../context.ts'
import { findProjectId } from '../find-project.ts'
import { uploadScript } from './upload-script.ts'

export type ScriptLocation = {
  readonly location: string
  readonly interpreter: string
  readonly project: string
}

const SHA256 = /^[0-9a-f]{64}$/
/** Uploaded scripts looked through for a name. */
const NAMED_MAX = 10_000

export async function scriptAt(ctx: Context, who: Principal, place: ScriptLocation): Promise<Script> {
  authorize(who, 'script.upload')
  const { location, interpreter } = place
  const project = await findProjectId(ctx, who, place.project)
  const known = SHA256.test(location) ? await ctx.store.scripts.get(project, location) : null
  if (known !== null) return known
  // Before an uploaded one of the same name: its client has just put it there.
  const content = await foreign(ctx, location)
  if (content !== null) {
    const name = location.split('/').at(-1)!.slice(0, SCRIPT_LIMITS.nameMax)
    return (await uploadScript(ctx, who, { project, name, interpreter, content })).script
  }
  const named = location === '' ? null : await newestNamed(ctx, project, location)
  if (named !== null) return named
  throw refusal(`There is no script "${location.slice(0, 100)}". Upload it first, then say here where it is.`)
}

async function newestNamed(ctx: Context, project: string, name: string): Promise<Script | null> {
  let newest: Script | null = null
  let seen = 0
  for (let cursor: string | null | undefined; cursor !== null && seen < NAMED_MAX; ) {
    const page = { limit: ctx.limits.pageMax, ...(cursor === undefined ? {} : { cursor }) }
    const { items, nextCursor } = await ctx.store.scripts.list(project, page)
    for (const script of items) {
      if (script.name === name && script.createdAt > (newest?.createdAt ?? -1)) newest = script
    }
    seen += items.length
    cursor = nextCursor
  }
  return newest
}

async function foreign(ctx: Context, key: string): Promise<Uint8Array | null> {
  if (ctx.foreignScripts === undefined || !isBlobKey(key)) return null
  try {
    const blob = await ctx.foreignScripts.get(key)
    if (blob === null) return null
    if (blob.bytes > SCRIPT_LIMITS.bytesMax) {
      // Leaving the loop frees the connection.
      for await (const _ of blob.content) break
      throw refusal(`A script has at most ${SCRIPT_LIMITS.bytesMax} bytes, this has ${blob.bytes}.`)
    }
    return await wholeOf(blob, key, SCRIPT_LIMITS.bytesMax)
  } catch (error) {
    if (!(error instanceof BlobStoreUnavailable)) throw error
    throw new AppError('storage_unavailable', 'The storage of the scripts does not answer now. Try again.')
  }
}

function refusal(detail: string): AppError {
  return new AppError('invalid', detail, [{ pointer: '/location', code: 'location', detail }])
}
