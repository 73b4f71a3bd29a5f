// Bytes that come in pieces, whoever cuts them: a piece of one byte costs a hundred where it is kept by itself. Small ones are
// copied together, so what is held is about what came.

/** From here on a piece is kept as it came. */
const LARGE = 4_096
const TAIL_MIN = 256
const TAIL_MAX = 16_384

export class GatheredBytes {
  length = 0
  #pieces: Uint8Array[] = []
  #tail: Buffer | null = null
  #used = 0

  add(piece: Uint8Array): void {
    this.length += piece.length
    // Most of what comes is one piece, which is not copied.
    if (piece.length < LARGE && this.length > piece.length) return this.#append(piece)
    this.#cut()
    this.#pieces.push(piece)
  }

  /** All that has come by now. */
  bytes(): Buffer {
    this.#cut()
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces, this.length)]
    const [all] = this.#pieces
    return all === undefined ? Buffer.alloc(0) : Buffer.from(all.buffer, all.byteOffset, all.length)
  }

  #append(piece: Uint8Array): void {
    if (this.#tail !== null && this.#used + piece.length > this.#tail.length) this.#cut()
    this.#tail ??= Buffer.allocUnsafe(Math.max(piece.length, TAIL_MIN, Math.min(TAIL_MAX, this.length)))
    this.#tail.set(piece, this.#used)
    this.#used += piece.length
  }

  #cut(): void {
    if (this.#tail !== null) this.#pieces.push(this.#tail.subarray(0, this.#used))
    this.#tail = null
    this.#used = 0
  }
}
