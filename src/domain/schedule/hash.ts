// The number behind `H`: the same for the same job for ever, spread evenly over jobs.
// FNV-1a, then the last mixing step of MurmurHash3, since FNV alone leaves the low bits of like keys alike.

export function hashNumber(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
