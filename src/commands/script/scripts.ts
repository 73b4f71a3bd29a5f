// Scripts: list, read, delete, and what an agent fetches of its own runs.

import type { Principal } from '../../domain/api-key.ts'
import { AppError } from '../../domain/errors.ts'
import { SCRIPT_LIMITS, type Script } from '../../domain/script.ts'
import { readBlob } from '../../ports/blob-store.ts'
import type { Page, PageRequest } from '../../ports/store.ts'
import type { Work } from '../../ports/work.ts'
import { audited } from '../audited.ts'
import { authorize, notFound } from '../authorize.ts'
import type { Context } from '../context.ts'
import { findProjectId } from '../find-project.ts'

export type ScriptRef = { readonly sha256: string; readonly project?: string }

export async function listScripts(
  ctx: Context,
  who: Principal,
  project: string | undefined,
  page: PageRequest,
): Promise<Page<Script>> {
  authorize(who, 'script.read')
  return ctx.store.scripts.list(await findProjectId(ctx, who, project), page)
}

export async function getScript(ctx: Context, who: Principal, ref: ScriptRef): Promise<Script> {
  authorize(who, 'script.read')
  const script = await ctx.store.scripts.get(await findProjectId(ctx, who, ref.project), ref.sha256)
  if (script === null) throw notFound('script', ref.sha256)
  return script
}

export async function readScript(
  ctx: Context,
  who: Principal,
  ref: ScriptRef,
): Promise<{ readonly script: Script; readonly content: Uint8Array }> {
  const script = await getScript(ctx, who, ref)
  return { script, content: await contentOf(ctx, script) }
}

export async function deleteScript(ctx: Context, who: Principal, ref: ScriptRef): Promise<void> {
  authorize(who, 'script.delete')
  const script = await getScript(ctx, who, ref)
  const about = { projectId: script.projectId, subject: script.sha256 }
  const done = await audited(ctx, who, 'script.delete', about, () =>
    ctx.store.scripts.delete(script.projectId, script.sha256),
  )
  if (done === 'in_use') {
    throw new AppError(
      'in_use',
      'Jobs, or runs of them that are not final, use this script. Change or delete these first.',
    )
  }
}

/** For whoever carries the work out. null: the target is no script, or its script is not there. */
export async function scriptOfWork(ctx: Context, { run, spec }: Work): Promise<Uint8Array | null> {
  const { script: target } = spec.target
  if (target === undefined) return null
  const script = await ctx.store.scripts.get(run.projectId, target.sha256)
  return script === null ? null : contentOf(ctx, script)
}

async function contentOf(ctx: Context, { blob, sha256 }: Script): Promise<Uint8Array> {
  const content = await readBlob(ctx.blobs, blob, SCRIPT_LIMITS.bytesMax)
  if (content === null) throw new Error(`the content of the script ${sha256} is missing in the blob store`)
  return content
}
