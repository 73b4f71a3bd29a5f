// The ways a call breaks that only we know of; all others come from the network with a code of their own.

/** The address guard refused. One text for every refusal, so that it tells nothing about the network behind. */
export class TargetForbidden extends Error {
  override readonly name = 'TargetForbidden'
  readonly code = 'TARGET_FORBIDDEN'

  constructor() {
    super(
      'the address of this target is not allowed here; add it to targets.allow ' +
        '(for example CARILLON_TARGETS_ALLOW=10.0.0.0/8) or start with --allow-private-targets',
    )
  }
}

export class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge'
  readonly code = 'RESPONSE_TOO_LARGE'

  constructor(readMax: number) {
    super(`the answer is longer than ${readMax / 1_048_576} MiB and was cut off`)
  }
}
