// Takes in a script. The same content again is the same script: what is there already is answered.

import { hash } from 'node:crypto'
import type { Principal } from '../../domain/api-key.ts'
import { Problems } from '../../domain/errors.ts'
import { checkScript, type Script, type ScriptDraft } from '../../domain/script.ts'
import { audited } from '../audited.ts'
import { authorize } from '../authorize.ts'
import type { Context } from '../context.ts'
import { findProjectId } from '../find-project.ts'

export type Upload = ScriptDraft & { readonly project?: string }

export async function uploadScript(
  ctx: Context,
  who: Principal,
  draft: Upload,
): Promise<{ readonly script: Script; readonly added: boolean }> {
  authorize(who, 'script.upload')
  const projectId = await findProjectId(ctx, who, draft.project)
  const sha256 = hash('sha256', draft.content, 'hex')
  const problems = new Problems()
  checkScript(draft, sha256, ctx.limits.interpreters, problems)
  problems.throwIfAny()
  const earlier = await ctx.store.scripts.get(projectId, sha256)
  if (earlier !== null) return { script: earlier, added: false }
  const script: Script = {
    projectId,
    sha256,
    name: draft.name ?? null,
    interpreter: draft.interpreter ?? null,
    bytes: draft.content.length,
    // A key of its own: what is deleted and uploaded again must not be deleted with what it was before.
    blob: `scripts/${projectId}/${sha256}-${ctx.chance.hex(6)}`,
    createdAt: ctx.clock.now(),
    createdBy: who.id,
  }
  await ctx.blobs.put(script.blob, draft.content)
  const about = { projectId, subject: sha256, detail: { name: script.name, bytes: script.bytes } }
  if (await audited(ctx, who, 'script.upload', about, () => ctx.store.scripts.add(script)))
    return { script, added: true }
  // Another upload of the same was faster.
  await ctx.blobs.delete([script.blob])
  return { script: (await ctx.store.scripts.get(projectId, sha256)) ?? script, added: false }
}
