// Is there memory for more work? A node that grows beyond its share goes on with what it has and leaves the rest to wait, or
// to other nodes; it does not fall over.

/** The share of the limit that may be used, as operators of such systems know it. */
const SHARE = 0.7

/** `limitBytes` 0: there always is. */
export function memoryRoom(limitBytes: number, used: () => number = processBytes): () => boolean {
  if (limitBytes === 0) return () => true
  return () => used() < limitBytes * SHARE
}

function processBytes(): number {
  return process.memoryUsage.rss()
}
