// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), read from a stream of bytes.

import { chunks } from './chunks.ts'

export type ServerEvent = { readonly id: string | null; readonly type: string; readonly data: string }

/** An event that never ends is not one of ours. */
const EVENT_MAX_CHARACTERS = 1_048_576

/**
 * Yields each event; `onByte` hears of every sign of life, heartbeats included, `onRetry` of the wait in
 * milliseconds that the server asks for before a new connection.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
  hear: { readonly onByte?: () => void; readonly onRetry?: (ms: number) => void } = {},
): AsyncGenerator<ServerEvent, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  let open = new OpenEvent()
  for await (const bytes of chunks(body)) {
    hear.onByte?.()
    rest += decoder.decode(bytes, { stream: true })
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line !== '') open.take(line, hear.onRetry)
      else {
        const event = open.finish()
        if (event !== null) yield event
        open = new OpenEvent()
      }
    }
    if (rest.length + open.size > EVENT_MAX_CHARACTERS) throw new Error('an event of the stream has no end')
  }
}

class OpenEvent {
  size = 0
  #id: string | null = null
  #type = 'message'
  #data: string[] = []

  take(line: string, onRetry?: (ms: number) => void): void {
    this.size += line.length
    const colon = line.indexOf(':')
    if (colon === 0) return
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#type = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'retry' && /^\d+$/.test(value)) onRetry?.(Number(value))
  }

  /** null: nothing but comments. */
  finish(): ServerEvent | null {
    if (this.#data.length === 0) return null
    return { id: this.#id, type: this.#type, data: this.#data.join('\n') }
  }
}
