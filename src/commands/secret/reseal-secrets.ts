// Seals everything with the newest key, while the work goes on. A value that was set meanwhile has the newest key already.

import type { Principal } from '../../domain/api-key.ts'
import { AppError } from '../../domain/errors.ts'
import { bindingOf } from '../../domain/secret.ts'
import type { Vault } from '../../ports/vault.ts'
import { audited } from '../audited.ts'
import { authorize } from '../authorize.ts'
import type { Context } from '../context.ts'
import { vaultOf } from './secrets.ts'
import { resealServerSecrets } from './server-secret.ts'

const BATCH = 100

export type Resealed = { readonly keyId: string; readonly resealed: number }

/** `renew`: makes a new key first, where the key is this server's own making. */
export async function resealSecrets(
  ctx: Context,
  who: Principal,
  { renew }: { readonly renew: boolean },
): Promise<Resealed> {
  authorize(who, 'secret.reseal')
  const vault = vaultOf(ctx)
  if (renew) await renewKey(ctx, who, vault)
  await resealServerSecrets(ctx, vault)
  let resealed = 0
  for (;;) {
    const { keyId } = vault
    const some = await ctx.store.secrets.sealedOtherwise(keyId, BATCH)
    let moved = 0
    for (const secret of some) {
      const bound = bindingOf(secret)
      const plain = vault.open({ keyId: secret.keyId, text: secret.sealed }, bound)
      const sealed = vault.seal(plain, bound)
      const about = { projectId: secret.projectId, subject: secret.name, detail: { keyId: sealed.keyId } }
      const done = await audited(ctx, who, 'secret.reseal', about, () =>
        ctx.store.secrets.reseal(secret.id, sealed.keyId, sealed.text),
      )
      if (done) moved += 1
    }
    resealed += moved
    // Where nothing moved, somebody else is at it.
    if (some.length < BATCH || moved === 0) break
  }
  // An old key goes at the next start: until then somebody may be about to store what it has sealed.
  return { keyId: vault.keyId, resealed }
}

async function renewKey(ctx: Context, who: Principal, vault: Vault): Promise<void> {
  if (!(await vault.renew())) {
    throw new AppError(
      'in_use',
      'The keys come from the configuration. Put a new one first there, on every server, and seal anew without making one.',
    )
  }
  const about = { subject: vault.keyId, detail: { renewed: true } }
  await audited(ctx, who, 'secret.reseal', about, () => ctx.store.audit.note())
}
