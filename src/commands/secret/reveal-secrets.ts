// Opens secrets for a run that is about to be carried out, or a callback about to be told. Not for callers.

import { areHeaders } from '../../domain/check-headers.ts'
import type { Callback } from '../../domain/effect.ts'
import { bindingOf, fillSecrets, secretNames } from '../../domain/secret.ts'
import type { Work } from '../../ports/work.ts'
import type { Context } from '../context.ts'
import { vaultOf } from './secrets.ts'

export type Revealed = Readonly<Record<string, string>>

/** One that is not there is left out. Throws where one cannot be opened. */
export async function revealSecrets(
  ctx: Context,
  projectId: string,
  names: readonly string[],
): Promise<Revealed> {
  if (names.length === 0) return {}
  const vault = vaultOf(ctx)
  const found = await ctx.store.secrets.some(projectId, names)
  return Object.fromEntries(
    found.map(({ name, id, keyId, sealed }) => [
      name,
      // Bound to the place it was asked for at, not to what the row says of itself.
      vault.open({ keyId, text: sealed }, bindingOf({ projectId, name, id })),
    ]),
  )
}

/** For agents, which fill them in themselves. What cannot be opened is missing there, and said there. */
export async function withRevealed(ctx: Context, work: Work): Promise<Work> {
  const names = secretNames(work.spec.target)
  if (names.length === 0) return work
  const secrets = await revealSecrets(ctx, work.run.projectId, names).catch(() => ({}))
  return { ...work, secrets }
}

/**
 * Filled in before the facts of the run are, so that nothing a run brought along names a secret. `refused`: why nothing is to be
 * sent.
 */
export async function revealCallback(
  ctx: Context,
  projectId: string,
  callback: Callback,
): Promise<Callback | { readonly refused: string }> {
  const names = secretNames(callback)
  if (names.length === 0) return callback
  const secrets = await revealSecrets(ctx, projectId, names)
  const missing = names.find((name) => !Object.hasOwn(secrets, name))
  if (missing !== undefined) {
    return { refused: `the project has no secret "${missing}" any more: nothing was sent` }
  }
  const { headers: named, body, sign } = callback
  const headers = named && fillSecrets(named, secrets)
  if (!areHeaders(headers)) {
    const refused =
      'a secret that stands in a header holds what a header cannot, a line break perhaps: nothing was sent'
    return { refused }
  }
  return {
    ...callback,
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body: fillSecrets(body, secrets) }),
    ...(sign === undefined ? {} : { sign: fillSecrets(sign, secrets) }),
  }
}
