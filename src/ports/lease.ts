// What a node must hold to cause anything outside: its lease in the store, as far as the node itself can know.

export interface Lease {
  /** The node's identity; another one after it lost its lease and came back. */
  readonly nodeId: string
  /**
   * Asked right before each side effect leaves. Measured monotonically from before the last renewal was sent, so that
   * it turns false before the store can give the node's work to others.
   */
  holds(): boolean
}
