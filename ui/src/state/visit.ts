// Who is at the page. The cookie is the browser's; scripts never see it.

import { signal } from '@preact/signals'
import type { Me, Scope } from '../../../src/sdk/index.ts'
import { carillon } from './client.ts'
import { isSignedOut } from './wrong.ts'

type State =
  | { kind: 'asking' }
  | { kind: 'out'; why: string | null }
  | { kind: 'in'; me: Me }
  | { kind: 'away'; error: unknown }

export const session = signal<State>({ kind: 'asking' })

export async function findOut(): Promise<void> {
  try {
    session.value = { kind: 'in', me: await carillon.visit.me() }
  } catch (error) {
    session.value = isSignedOut(error) ? { kind: 'out', why: null } : { kind: 'away', error }
  }
}

export async function signIn(how: { key: string } | { ticket: string }): Promise<void> {
  session.value = { kind: 'in', me: await carillon.visit.signIn(how) }
}

/** Off to an issuer; whoever comes back is signed in. */
export async function signInBy(issuer: string): Promise<void> {
  location.assign((await carillon.visit.begin(issuer)).url)
}

export async function signOut(): Promise<void> {
  try {
    await carillon.visit.signOut()
  } finally {
    session.value = { kind: 'out', why: 'You are signed out.' }
  }
}

export function noteSignedOut(): void {
  if (session.value.kind === 'in')
    session.value = { kind: 'out', why: 'Your session has ended. Sign in again.' }
}

/** Only hides what would be refused; the server decides. */
export function may(scope: Scope): boolean {
  if (session.value.kind !== 'in') return false
  const { scopes } = session.value.me
  return (
    scopes.includes('admin') ||
    scopes.includes(scope) ||
    scopes.includes(scope.replace('read', 'write') as Scope)
  )
}

/** Does whoever is here enter every project? */
export function entersAll(): boolean {
  return session.value.kind === 'in' && session.value.me.projectIds === null
}

/** The same for what concerns the whole installation: the key must enter every project. */
export function mayEverywhere(scope: Scope): boolean {
  return entersAll() && may(scope)
}
