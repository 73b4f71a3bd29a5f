// How much one project may use of what all share. None is the default: who runs the server sets what it wants bounded.

export type Quotas = {
  /** Jobs that exist at the same time. */
  readonly jobs?: number
}
