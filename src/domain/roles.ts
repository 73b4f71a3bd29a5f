// Bundles of scopes with a name, for people: what somebody who watches, operates, or defines needs.

import type { Scope } from './api-key.ts'

export const ROLES = {
  viewer: ['jobs:read', 'runs:read'],
  operator: ['jobs:read', 'runs:write'],
  editor: ['jobs:write', 'runs:write'],
  admin: ['admin'],
} as const satisfies Record<string, readonly Scope[]>

export type Role = keyof typeof ROLES

export function isRole(text: string): text is Role {
  return Object.hasOwn(ROLES, text)
}
