// Agents and clients of this system know no keys, but their tools turn http://any:KEY@host into Basic authentication: so a
// stock agent shows a key when its TASK_SERVER_ADDRESS holds one.

import { presentedKey, unauthenticated } from '../../http/presented-key.ts'

export function keyInAddress(rawHeaders: readonly string[]): string | null {
  const basic = basicHeader(rawHeaders)
  if (basic === null) return presentedKey(rawHeaders)
  const text = Buffer.from(basic, 'base64').toString('utf8')
  const password = text.slice(text.indexOf(':') + 1).trim()
  if (!text.includes(':') || password === '')
    throw unauthenticated('The Authorization header holds no password.')
  return password
}

function basicHeader(rawHeaders: readonly string[]): string | null {
  for (let n = 0; n + 1 < rawHeaders.length; n += 2) {
    const match =
      rawHeaders[n]!.toLowerCase() === 'authorization'
        ? /^Basic +(\S+)$/i.exec(rawHeaders[n + 1]!.trim())
        : null
    if (match !== null) return match[1]!
  }
  return null
}
