// Someone else was faster: the caller hears which version there is now, so that it need not ask first.

import { AppError } from '../../../domain/errors.ts'
import { etag } from '../../http/etag.ts'
import { HttpProblem } from '../../http/http-problem.ts'

export async function tellingVersion<T>(
  change: () => Promise<T>,
  current: () => Promise<number>,
): Promise<T> {
  try {
    return await change()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'version_conflict') throw error
    const currentVersion = await current()
    throw new HttpProblem('version_conflict', error.message, {
      headers: { ETag: etag(currentVersion) },
      members: { currentVersion },
    })
  }
}
