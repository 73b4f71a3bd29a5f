// --due-from and --due-to: only jobs that are due in a stretch to come.

import { pointInTime } from '../point-in-time.ts'

export type DueOptions = { readonly dueFrom?: string; readonly dueTo?: string }

export function dueIn({ dueFrom, dueTo }: DueOptions): DueOptions {
  const now = new Date()
  return {
    ...(dueFrom === undefined ? {} : { dueFrom: pointInTime(dueFrom, now, true) }),
    ...(dueTo === undefined ? {} : { dueTo: pointInTime(dueTo, now, true) }),
  }
}
