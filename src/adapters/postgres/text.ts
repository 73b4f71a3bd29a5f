// Text as PostgreSQL can keep it: everything but the character zero, which it refuses. It only comes in from outside, in
// what a target answered; one strange answer must not keep a batch of reports from being written.

export function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text
}

export function storableOrNull(text: string | null): string | null {
  return text === null ? null : storable(text)
}
