// A project has as many jobs as it may.

import { AppError } from '../domain/errors.ts'

export function jobsQuotaUsedUp(max: number): AppError {
  return new AppError(
    'quota_exceeded',
    `This project may have ${max} jobs. Delete some, or have its quota raised by whoever runs the server.`,
  )
}
