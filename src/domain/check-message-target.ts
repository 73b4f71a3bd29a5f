// Can this be published? Shapes were checked at the door; here is meaning: what a bus takes, what is ours to set, and the
// bounds. Whether the exchange or the queue is there, the bus says when a run is due.

import { bodyBytes, utf8Length } from './check-bounds.ts'
import { checkDuration } from './check-policy.ts'
import { type Problems, pointerStep } from './errors.ts'
import { finishesByStatus, MESSAGE_LIMITS, type MessageTarget } from './message-target.ts'
import { POLICY_LIMITS } from './policy.ts'

export function checkMessageTarget(target: MessageTarget, problems: Problems, pointer: string): void {
  checkPlace(target, problems, pointer)
  for (const name of ['exchange', 'queue', 'routingKey'] as const) {
    checkName(target[name], problems, `${pointer}/${name}`)
  }
  checkHeaders(target.headers ?? {}, problems, `${pointer}/headers`)
  const bytes = target.body === undefined ? 0 : bodyBytes(target.body)
  if (bytes > MESSAGE_LIMITS.bodyBytesMax) {
    problems.add(
      `${pointer}/body`,
      'body_too_large',
      `The body of a message has at most ${MESSAGE_LIMITS.bodyBytesMax} bytes, this one ${bytes}. Send a reference instead.`,
    )
  }
  checkDuration(target.startTimeout, problems, `${pointer}/startTimeout`, 1_000, POLICY_LIMITS.timeoutMaxMs)
  if (target.startTimeout !== undefined && !finishesByStatus(target)) {
    problems.add(
      `${pointer}/startTimeout`,
      'needs_status',
      'Nobody tells when work on this message begins. Add "finish": "status", or leave out startTimeout.',
    )
  }
}

/** Whoever publishes there could speak for any worker. */
const RESERVED = /^(?:carillon|scheduler\.job)\./

function checkPlace(target: MessageTarget, problems: Problems, pointer: string): void {
  const { exchange, queue, routingKey, protocol, body, finish } = target
  if (protocol !== undefined) {
    const own = Object.entries({ exchange, queue, routingKey, body }).filter(
      ([, value]) => value !== undefined,
    )
    for (const [name] of own) {
      problems.add(
        `${pointer}/${name}`,
        'protocol_says',
        `The protocol ${protocol} says where messages go and what is in them. Leave out ${name}.`,
      )
    }
    if (finish === 'confirm') {
      problems.add(`${pointer}/finish`, 'protocol_says', `Workers of ${protocol} report: finish is "status".`)
    }
    return
  }
  if ((exchange === undefined) === (queue === undefined)) {
    problems.add(
      pointer,
      'exactly_one_of',
      'A message goes to an "exchange" with a routing key, or straight to a "queue". Give one of them.',
    )
  }
  for (const [name, value] of Object.entries({ exchange, queue })) {
    if (value === undefined || !RESERVED.test(value)) continue
    problems.add(
      `${pointer}/${name}`,
      'name_reserved',
      `"${value.slice(0, 60)}" is where workers report: nobody else's message belongs there. For Simple Scheduler's workers write "protocol": "simple-scheduler".`,
    )
  }
  if (exchange === '') {
    problems.add(`${pointer}/exchange`, 'name_empty', 'An exchange has a name. For a queue, write "queue".')
  }
  if (queue === '') problems.add(`${pointer}/queue`, 'name_empty', 'A queue has a name.')
  if (queue !== undefined && routingKey !== undefined) {
    problems.add(
      `${pointer}/routingKey`,
      'exactly_one_of',
      'What goes straight to a queue has no routing key. Leave it out, or name an exchange.',
    )
  }
}

function checkName(name: string | undefined, problems: Problems, pointer: string): void {
  if (name === undefined) return
  const { nameBytesMax } = MESSAGE_LIMITS
  if (utf8Length(name) > nameBytesMax) {
    problems.add(pointer, 'name_too_long', `Names and keys of a bus have at most ${nameBytesMax} bytes.`)
  }
  if (/\p{Cc}/u.test(name)) {
    problems.add(pointer, 'name_invalid', 'Names and keys have no control characters.')
  }
}

function checkHeaders(headers: Readonly<Record<string, string>>, problems: Problems, pointer: string): void {
  const entries = Object.entries(headers)
  const { headersMax, headerBytesMax, nameBytesMax } = MESSAGE_LIMITS
  if (entries.length > headersMax) {
    problems.add(pointer, 'headers_too_many', `A message has at most ${headersMax} headers of its own.`)
  }
  const bytes = entries.reduce((sum, [name, value]) => sum + utf8Length(name) + utf8Length(value), 0)
  if (bytes > headerBytesMax) {
    problems.add(
      pointer,
      'headers_too_large',
      `The headers take ${bytes} bytes, at most ${headerBytesMax} are sent. Move data into the body.`,
    )
  }
  for (const [name] of entries.slice(0, headersMax)) {
    const at = `${pointer}/${pointerStep(name)}`
    if (name === '' || utf8Length(name) > nameBytesMax) {
      problems.add(at, 'header_invalid', `The name of a header has 1 to ${nameBytesMax} bytes.`)
    } else if (isOwnHeader(name)) {
      problems.add(
        at,
        'header_reserved',
        `The header "${name}" belongs to the scheduler or the broker. Choose another name, such as x-${name}.`,
      )
    }
  }
}

/** Says which run this is, why a message is dead, or to whom else it goes. */
export function isOwnHeader(name: string): boolean {
  // A broker sends copies to the queues listed there, and closes the channel over anything but a list.
  if (name === 'CC' || name === 'BCC') return true
  const lower = name.toLowerCase()
  return /^(?:x-)?carillon-/.test(lower) || lower === 'traceparent' || lower === 'tracestate'
}
