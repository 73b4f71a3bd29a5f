// The receiver of everything, as a process of its own: writes each request to its file and makes that durable before
// it answers. It is never killed while it matters: its file is the truth about what has rung.
//
//   node sink.ts <file>
//
// How it answers is in the path: /slow/<ms>, /flaky (503 to a first attempt), /deaf (503 to the first telling of each
// delivery id), /never; anything else: 200 at once.

import { fdatasyncSync, openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const file = openSync(process.argv[2]!, 'a')
const heard = new Set<string>()

const server = createServer((request, response) => {
  const { method, url = '', headers } = request
  let body = ''
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text
  })
  request.on('end', () => {
    writeSync(file, `${JSON.stringify({ at: Date.now(), method, path: url, headers, body })}\n`)
    fdatasyncSync(file)
    if (url.startsWith('/never')) return
    const delivery = headers['carillon-delivery-id']
    const deaf = url.startsWith('/deaf') && typeof delivery === 'string' && !heard.has(delivery)
    if (deaf) heard.add(delivery)
    response.statusCode =
      deaf || (url.startsWith('/flaky') && headers['carillon-attempt'] === '1') ? 503 : 200
    setTimeout(() => response.end('heard'), Number(/^\/slow\/(\d+)/.exec(url)?.[1] ?? 0))
  })
})

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
// Whoever started it is gone: nobody reads the file any more.
process.stdin.resume().on('close', () => process.exit())
