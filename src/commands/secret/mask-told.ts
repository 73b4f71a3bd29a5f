// What someone outside tells of a run: it was sent the secrets its target asks for, and may repeat them.

import { Masker } from '../../domain/masker.ts'
import { secretNames } from '../../domain/secret.ts'
import { StoreUnavailable, type Work } from '../../ports/store.ts'
import type { Context } from '../context.ts'
import { revealSecrets } from './reveal-secrets.ts'

/** By the values they have now. `token`: what else it was sent that is nobody's to read. null: it was sent nothing of that. */
export async function maskerFor(
  ctx: Context,
  projectId: string,
  { target }: Work['spec'],
  token: string | null = null,
): Promise<Masker | null> {
  const names = secretNames(target)
  const values = names.length === 0 ? [] : Object.values(await openable(ctx, projectId, names))
  const all = token === null ? values : [...values, token]
  return names.length === 0 && all.length === 0 ? null : new Masker(all)
}

/** What cannot be opened was not sent either; the end of a run is not to be lost for it. */
async function openable(
  ctx: Context,
  projectId: string,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  try {
    return await revealSecrets(ctx, projectId, names)
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    return {}
  }
}
