// Who looks after which job on the bus: each job has one node, and each node no more jobs than it may have. Every node works
// it out alone and comes to the same answer from the same jobs and nodes. When a node goes only its jobs move.

export type Custodian = {
  readonly nodeId: string
  /** Jobs it takes at most; 0: no limit. */
  readonly jobsMax: number
}

/** Job to node. A job that no node has room for is not in it. */
export function custody(jobIds: readonly string[], nodes: readonly Custodian[]): Map<string, string> {
  const room = new Map(
    nodes.map(({ nodeId, jobsMax }) => [nodeId, jobsMax === 0 ? Number.POSITIVE_INFINITY : jobsMax]),
  )
  const kept = new Map<string, string>()
  for (const jobId of jobIds.toSorted()) {
    const node = best(jobId, room)
    if (node === null) continue
    kept.set(jobId, node)
    room.set(node, room.get(node)! - 1)
  }
  return kept
}

/** The node whose name with the job's weighs most, of those with room. */
function best(jobId: string, room: ReadonlyMap<string, number>): string | null {
  let found: string | null = null
  let weight = -1
  for (const [nodeId, left] of room) {
    if (left < 1) continue
    const weighs = weightOf(`${nodeId} ${jobId}`)
    if (weighs > weight || (weighs === weight && found !== null && nodeId < found)) {
      found = nodeId
      weight = weighs
    }
  }
  return found
}

/** FNV-1a, then mixed once more, so that names that differ in one letter are far apart. */
function weightOf(text: string): number {
  let hash = 0x81_1c_9d_c5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35)
  return (hash ^ (hash >>> 16)) >>> 0
}
