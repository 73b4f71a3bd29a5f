/** A word for one request that nobody else has, to be sent again with a repeat of it. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID()
}
