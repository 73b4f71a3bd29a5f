// The output of a run. HTTP runs have none of their own: what was answered stands with the attempt.

import type { RunDetail } from '../../../../src/sdk/index.ts'

export function RunLog(_: { readonly run: RunDetail }) {
  return null
}
