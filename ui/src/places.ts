// Where one can go. A view whose part of the server is not there is not offered.

import type { Scope } from '../../src/sdk/index.ts'
import type { GlyphName } from './parts/glyph.tsx'
import { may, mayEverywhere } from './state/visit.ts'

type Place = {
  readonly href: string
  readonly label: string
  readonly glyph: GlyphName
  readonly needs: Scope | null
  /** For keys that enter every project. */
  readonly everywhere?: true
  /** Pressed after g. */
  readonly key: string
}

export const PLACES: readonly Place[] = [
  { href: '/', label: 'Overview', glyph: 'overview', needs: 'runs:read', key: 'o' },
  { href: '/jobs', label: 'Jobs', glyph: 'jobs', needs: 'jobs:read', key: 'j' },
  { href: '/runs', label: 'Runs', glyph: 'runs', needs: 'runs:read', key: 'r' },
  { href: '/agents', label: 'Agents', glyph: 'agents', needs: 'runs:read', key: 'a' },
  { href: '/scripts', label: 'Scripts', glyph: 'scripts', needs: 'jobs:read', key: 'x' },
  { href: '/callbacks', label: 'Callbacks', glyph: 'callbacks', needs: 'runs:read', key: 'c' },
  { href: '/projects', label: 'Projects', glyph: 'projects', needs: 'jobs:read', key: 'p' },
  { href: '/secrets', label: 'Secrets', glyph: 'secrets', needs: 'jobs:read', key: 'e' },
  { href: '/keys', label: 'Keys', glyph: 'keys', needs: 'admin', key: 'k' },
  { href: '/audit', label: 'Audit', glyph: 'audit', needs: 'admin', everywhere: true, key: 'u' },
  { href: '/import', label: 'Import a crontab', glyph: 'import', needs: 'jobs:write', key: 'i' },
  { href: '/settings', label: 'Settings', glyph: 'settings', needs: null, key: 's' },
]

/** What whoever is here may go to. */
export function placesHere(): readonly Place[] {
  return PLACES.filter(({ needs, everywhere }) => {
    if (needs === null) return true
    return everywhere === true ? mayEverywhere(needs) : may(needs)
  })
}
