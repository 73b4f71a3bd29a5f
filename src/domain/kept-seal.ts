// What servers keep for themselves beside the secrets of projects, and how its seal is found in what is kept: as all there is, or
// beside what everybody may know, such as the public half of a key.

/** As a vault gives it. */
export type Seal = { readonly keyId: string; readonly text: string }

const WHOLE = /^sealed ([0-9a-f]+) ([A-Za-z0-9+/=]+)$/

/** null: nothing of it is sealed. */
export function sealIn(kept: string): Seal | null {
  const [, keyId, text] = WHOLE.exec(kept) ?? []
  if (keyId !== undefined && text !== undefined) return { keyId, text }
  return besideIn(kept)?.sealed ?? null
}

/** The same with another seal. */
export function withSeal(kept: string, { keyId, text }: Seal): string {
  const beside = besideIn(kept)
  return beside === null
    ? `sealed ${keyId} ${text}`
    : JSON.stringify({ ...beside, sealed: { keyId, text } satisfies Seal })
}

/** What its seal is bound to besides its key. */
export function bindingOfKept(name: string, kept: string): string {
  return besideIn(kept) === null ? `carillon server secret\n${name}` : name
}

function besideIn(kept: string): { readonly sealed: Seal } | null {
  const value = kept.startsWith('{') ? (JSON.parse(kept) as { readonly sealed?: Seal }) : null
  return value?.sealed === undefined ? null : { ...value, sealed: value.sealed }
}
