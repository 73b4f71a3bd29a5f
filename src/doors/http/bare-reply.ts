// A reply on the bare connection, for which there is no request any more, or never was.

export function bareReply(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): string {
  const all = { ...headers, 'Content-Length': String(Buffer.byteLength(body)) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n${body}`
}
