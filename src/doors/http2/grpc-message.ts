// The frames of a call that takes one message and gives one: five bytes, whether it is compressed and how long it is, then
// the message. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md

import type { ServerHttp2Stream } from 'node:http2'
import { GatheredBytes } from '../../domain/gathered-bytes.ts'
import { GRPC, GrpcRefusal } from './grpc-status.ts'

const PREFIX_BYTES = 5
const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
}

/** Refuses by the length that is announced, before the message is there. Rejects when the caller leaves. */
export function readMessage(stream: ServerHttp2Stream, bytesMax: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // Nothing more would be heard of it.
    if (stream.destroyed || stream.closed) return reject(left())
    const message = new GatheredBytes()
    let expected: number | null = null
    const refuse = (error: GrpcRefusal): void => {
      stream.off('data', take)
      reject(error)
    }
    const take = (part: Buffer): void => {
      message.add(part)
      if (expected === null && message.length >= PREFIX_BYTES) {
        const prefix = message.bytes()
        const wrong = wrongPrefix(prefix, bytesMax)
        if (wrong !== null) return refuse(wrong)
        expected = PREFIX_BYTES + prefix.readUInt32BE(1)
      }
      if (expected !== null && message.length > expected) refuse(wrongNumber('more'))
    }
    stream.on('data', take)
    stream.once('end', () => {
      if (message.length === 0) return refuse(wrongNumber('none'))
      if (expected === null || message.length < expected) return refuse(malformed('less than it announces'))
      resolve(message.bytes().subarray(PREFIX_BYTES))
    })
    stream.once('close', () => refuse(left()))
  })
}

function wrongPrefix(prefix: Buffer, bytesMax: number): GrpcRefusal | null {
  const compressed = prefix[0]!
  // What grows when it is unpacked is not taken.
  if (compressed === 1) {
    return new GrpcRefusal(GRPC.unimplemented, 'Messages are taken as they are: send them uncompressed.')
  }
  if (compressed !== 0) return malformed('something else than a message')
  const bytes = prefix.readUInt32BE(1)
  if (bytes <= bytesMax) return null
  const detail = `A message has at most ${bytesMax} bytes; this one has ${bytes}.`
  return new GrpcRefusal(GRPC.resource_exhausted, detail)
}

function malformed(what: string): GrpcRefusal {
  return new GrpcRefusal(GRPC.invalid_argument, `A call here carries one message; this one carries ${what}.`)
}

/** https://grpc.io/docs/guides/status-codes/ has a code for it, and it is that of a method which is not there. */
function wrongNumber(what: string): GrpcRefusal {
  return new GrpcRefusal(GRPC.unimplemented, `A call here carries one message; this one carries ${what}.`)
}

function left(): GrpcRefusal {
  return new GrpcRefusal(GRPC.canceled, 'The caller has left.')
}

export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, PREFIX_BYTES)
  return frame
}

/** How long the caller waits: up to eight digits and a unit. null: it does not say. */
export function timeoutMs(text: string | undefined): number | null {
  if (text === undefined) return null
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? []
  if (digits === undefined) {
    const detail = 'grpc-timeout has up to eight digits and one of H, M, S, m, u, n.'
    throw new GrpcRefusal(GRPC.invalid_argument, detail)
  }
  return Number(digits) * UNIT_MS[unit!]!
}

/** Visible ASCII but "%" stands as it is (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses). */
export function percentEncoded(message: string): string {
  return message.toWellFormed().replaceAll(/[^\x20-\x7e]+|%/g, encodeURIComponent)
}
