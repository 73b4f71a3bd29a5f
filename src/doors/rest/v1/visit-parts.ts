// What signing in at the page has to know.

export type VisitParts = {
  /** The address people reach this server under; null: the one they came by. */
  readonly publicUrl: string | null
}
