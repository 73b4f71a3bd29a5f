// What a key may do, and the roles that are names for several of these. Without schemas, so that a page has them for nothing.

export const SCOPES = ['jobs:read', 'jobs:write', 'runs:read', 'runs:write', 'admin', 'agent'] as const
export type Scope = (typeof SCOPES)[number]

/** As the server has them; a test holds the two against each other. */
export const ROLES = ['viewer', 'operator', 'editor', 'admin'] as const
export type Role = (typeof ROLES)[number]
export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ['jobs:read', 'runs:read'],
  operator: ['jobs:read', 'runs:write'],
  editor: ['jobs:write', 'runs:write'],
  admin: ['admin'],
}
