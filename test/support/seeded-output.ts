// Output that anybody can write again from its seed: bytes of every kind, in pieces of every size, to both streams. As a
// program it writes them, at the pace of a busy process.

import { writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type Piece = { readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer }

const ANSI = Buffer.from('\u001b[31mred\u001b[0m \u001b[2K\r')

/** The same for a seed. Two of three go to stdout; some are lines, some colour, most are any bytes at all. */
export function* seededOutput(seed: number, pieces: number): Generator<Piece> {
  let state = seed >>> 0
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let n = 0; n < pieces; n += 1) {
    const stream = next(3) === 0 ? 'stderr' : 'stdout'
    const kind = next(4)
    if (kind === 0) yield { stream, bytes: Buffer.from(`line ${n} of ${pieces}\n`) }
    else if (kind === 1) yield { stream, bytes: ANSI }
    else yield { stream, bytes: Buffer.from(Array.from({ length: 1 + next(40_000) }, () => next(256))) }
  }
}

export function wholeOutput(seed: number, pieces: number, stream: Piece['stream']): Buffer {
  return Buffer.concat(
    [...seededOutput(seed, pieces)].filter((piece) => piece.stream === stream).map(({ bytes }) => bytes),
  )
}

/** What starts it as a process. */
export function seededWriter(seed: number, pieces: number, pauseMs: number): string[] {
  return [process.execPath, fileURLToPath(import.meta.url), `${seed}`, `${pieces}`, `${pauseMs}`]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [seed = 0, pieces = 0, pauseMs = 0] = process.argv.slice(2).map(Number)
  const still = new Int32Array(new SharedArrayBuffer(4))
  for (const { stream, bytes } of seededOutput(seed, pieces)) {
    const fd = stream === 'stdout' ? 1 : 2
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
    Atomics.wait(still, 0, 0, pauseMs)
  }
}
