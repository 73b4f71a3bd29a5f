// The ways a call breaks that only we know of; all others come from the network with a code of their own.

import { ADDRESS_FORBIDDEN } from '../domain/forbidden-address.ts'

/** The address guard refused. */
export class TargetForbidden extends Error {
  override readonly name = 'TargetForbidden'
  readonly code = 'TARGET_FORBIDDEN'

  constructor() {
    super(ADDRESS_FORBIDDEN)
  }
}

export class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge'
  readonly code = 'RESPONSE_TOO_LARGE'

  constructor(readMax: number) {
    super(`the answer is longer than ${readMax / 1_048_576} MiB and was cut off`)
  }
}
