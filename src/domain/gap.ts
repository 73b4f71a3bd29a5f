// One ledger entry for many consecutive due instants that got no run of their own.

import type { Reason } from './run.ts'

export type Gap = {
  readonly id: string
  readonly jobId: string
  readonly jobVersion: number
  /** First and last due instant it stands for, both inclusive. */
  readonly from: number
  readonly to: number
  readonly count: number
  readonly status: 'skipped' | 'missed'
  readonly reason: Reason
  readonly createdAt: number
}
