// What someone outside tells of a run: it was sent the secrets its target asks for, and may repeat them.

import { Masker } from '../../domain/masker.ts'
import { secretNames } from '../../domain/secret.ts'
import { StoreUnavailable, type Work } from '../../ports/store.ts'
import type { Context } from '../context.ts'
import { revealSecrets } from './reveal-secrets.ts'

/** By the values they have now. null: it was sent none. */
export async function maskerFor(
  ctx: Context,
  projectId: string,
  { target }: Work['spec'],
): Promise<Masker | null> {
  const names = secretNames(target)
  if (names.length === 0) return null
  return new Masker(Object.values(await openable(ctx, projectId, names)))
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
