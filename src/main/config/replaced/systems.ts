// The systems whose clients find a door here, and the options that each of these doors has.

import type { Address } from '../config.ts'
import * as kinds from '../kinds.ts'
import type { Option } from '../option.ts'

export const REPLACED_SYSTEMS = [
  'schedule-rs',
  'scheduler0',
  'dcron',
  'taskscheduler',
  'simple-scheduler',
] as const
export type ReplacedSystem = (typeof REPLACED_SYSTEMS)[number]

export function doorListen(system: ReplacedSystem): Option<Address | null> {
  return {
    name: `doors-${system}-listen`,
    kind: kinds.address,
    default: null,
    description: `A listener for clients of ${system} alone, with the addresses they know.`,
  }
}

export function doorAnonymous(system: ReplacedSystem): Option<boolean> {
  return {
    name: `doors-${system}-anonymous`,
    kind: kinds.boolean,
    default: 'false',
    description: `May callers of the ${system} listener come without a key? Only where it listens on loopback.`,
  }
}

/** "doors-schedule-rs-listen" stands in the file as doors: { schedule-rs: { listen: … } }. */
export function doorFileKey(name: string): string | null {
  const system = REPLACED_SYSTEMS.find((system) => name.startsWith(`doors-${system}-`))
  if (system === undefined) return null
  const rest = name.slice(`doors-${system}-`.length)
  return `doors.${system}.${rest.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}`
}
