// A run as its message brings it to a worker.

import type { ConsumeMessage } from 'amqplib'

export type BusRun = {
  readonly id: string
  readonly job: string
  /** 1, 2, 3 … within the run. */
  readonly attempt: number
  /** Grows with each attempt: a message with a lower one than was seen before has been overtaken. */
  readonly fence: number
  readonly dueAt: Date
  /** JSON read, or text as it stands. */
  readonly body: unknown
  readonly headers: Readonly<Record<string, unknown>>
}

export type Assignment = {
  readonly run: BusRun
  /** Where its end is reported; null: nobody waits for that. */
  readonly replyTo: string | null
}

/** null: no message of Carillon. */
export function readAssignment({ content, properties }: ConsumeMessage): Assignment | null {
  const headers: Record<string, unknown> = properties.headers ?? {}
  const text = (name: string): string => {
    const value = headers[name]
    return typeof value === 'string' ? value : ''
  }
  const [attempt, fence] = [headers['Carillon-Attempt'], headers['Carillon-Fence']]
  const id = text('Carillon-Run-Id')
  if (id === '' || typeof attempt !== 'number' || typeof fence !== 'number') return null
  const run = {
    id,
    job: text('Carillon-Job-Name'),
    attempt,
    fence,
    dueAt: new Date(text('Carillon-Due-At')),
    body: readBody(content, String(properties.contentType ?? '')),
    headers,
  }
  const { replyTo } = properties
  return { run, replyTo: typeof replyTo === 'string' && replyTo !== '' ? replyTo : null }
}

function readBody(content: Buffer, contentType: string): unknown {
  const text = content.toString('utf8')
  if (!contentType.startsWith('application/json')) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
