// The receiver of everything, as a process of its own. What it hears is on disk before it answers; requests that come
// while a write goes on share the next. It listens meanwhile: a slow disk of its own must not make others late by its
// clock. It is never hit by a fault: its file is the truth about what rang and who was told.
//
//   node sink.ts <file>
//
// The address says for which job, and how it is answered: /ring/<job>/<ms>[/flaky] waits so long, and answers a first
// attempt with 503; /told/<job>[/deaf] answers the first telling under each id with 503.

import { open } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const file = await open(process.argv[2]!, 'a')
const deafTo = new Set<string>()
let lines: string[] = []
let answers: (() => void)[] = []
let count = 0
let writing = false

function note(line: unknown, then: () => void = () => {}): void {
  lines.push(`${JSON.stringify(line)}\n`)
  answers.push(then)
  if (!writing) void write()
}

async function write(): Promise<void> {
  writing = true
  while (lines.length > 0) {
    const text = lines.join('')
    const written = answers
    lines = []
    answers = []
    await file.appendFile(text)
    await file.datasync()
    for (const answer of written) answer()
  }
  writing = false
}

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text
  })
  request.on('error', () => {})
  request.on('end', () => hear(request, body, response))
})

function hear({ url = '', headers }: IncomingMessage, body: string, response: ServerResponse): void {
  const [kind, job, ...how] = url.split('/').slice(1)
  const at = Date.now()
  const number = count++
  response.on('close', () => note({ end: number, at: Date.now() }))
  if (kind === 'told') {
    const id = String(headers['carillon-delivery-id'])
    const { id: runId, status } = JSON.parse(body) as { id: string; status: string }
    const deaf = how[0] === 'deaf' && !deafTo.has(id)
    deafTo.add(id)
    note({ told: number, at, id, runId, status }, () => answer(response, deaf ? 503 : 200, 0))
    return
  }
  const attempt = Number(headers['carillon-attempt'])
  const said = {
    runId: headers['carillon-run-id'],
    attempt,
    fence: Number(headers['carillon-fence']),
    dueAt: Date.parse(String(headers['carillon-due-at'])),
  }
  const status = how[1] === 'flaky' && attempt === 1 ? 503 : 200
  note({ ring: number, at, job, ...said }, () => answer(response, status, Number(how[0] ?? 0)))
}

function answer(response: ServerResponse, status: number, afterMs: number): void {
  setTimeout(() => response.writeHead(status).end('heard'), afterMs)
}

server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
// Whoever started it is gone: nobody reads the file any more.
process.stdin.resume().on('close', () => process.exit())
