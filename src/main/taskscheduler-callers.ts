// From which addresses tasks are taken: this machine, and what its owner has named.

import { BlockList, isIP } from 'node:net'

/** Throws for what is no address. */
export function callersOf(callers: readonly string[]): BlockList {
  const list = new BlockList()
  list.addSubnet('127.0.0.0', 8, 'ipv4')
  list.addAddress('::1', 'ipv6')
  for (const caller of callers) {
    const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(caller) ?? []
    const family = isIP(address)
    const bits = family === 6 ? 128 : 32
    if (family === 0 || Number(prefix ?? 0) > bits) {
      throw new Error(`"${caller}" is no address such as 10.0.0.5, and no block such as 10.0.0.0/8.`)
    }
    list.addSubnet(address, Number(prefix ?? bits), family === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}
