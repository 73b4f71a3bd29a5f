// Bytes in parts of the size in which they go up.

/** Every part but the last has at least 5 MiB, or the service refuses. */
export const PART_BYTES = 8 * 1_048_576

export async function* partsOf(
  content: Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  let part = new Uint8Array(0)
  let held: Uint8Array[] = []
  let bytes = 0
  for await (const piece of content instanceof Uint8Array ? [content] : content) {
    for (let from = 0; from < piece.length; ) {
      const take = Math.min(piece.length - from, PART_BYTES - bytes)
      // A copy: whoever made the piece may use its memory again.
      held.push(piece.slice(from, from + take))
      bytes += take
      from += take
      if (bytes < PART_BYTES) continue
      part = joined(held, bytes)
      held = []
      bytes = 0
      yield part
    }
  }
  if (bytes > 0) yield joined(held, bytes)
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
