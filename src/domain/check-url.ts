// Is this an address that could be called? Whether it may be is the address guard's to say.

import { short } from './check-bounds.ts'
import type { Problems } from './errors.ts'
import { HTTP_LIMITS } from './target.ts'

export function checkUrl(text: string, problems: Problems, pointer: string): void {
  if (text.length > HTTP_LIMITS.urlMax) {
    problems.add(
      pointer,
      'url_too_long',
      `A url has at most ${HTTP_LIMITS.urlMax} characters, this one ${text.length}. Send long data in the body.`,
    )
    return
  }
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null) {
    // "example.com:80/x" parses as a scheme; "example.com/x" does not parse at all.
    const guess = `https://${text}`
    const suggestion = /^[\w.-]+\.[a-z]{2,}([:/?]|$)/i.test(text) && URL.canParse(guess) ? guess : undefined
    problems.add(
      pointer,
      'url_invalid',
      `"${short(text)}" is not a url. Write it whole, for example https://example.com/path.`,
      suggestion,
    )
    return
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    problems.add(
      pointer,
      'url_scheme',
      `Only http and https are called; this url starts with "${short(url.protocol)}".`,
    )
    return
  }
  if (/\p{Cc}/u.test(text) || text !== text.trim()) {
    problems.add(
      pointer,
      'url_invalid',
      'A url has no line breaks, control characters or spaces around it.',
      url.href,
    )
  } else if (!/^https?:\/\//i.test(text)) {
    problems.add(pointer, 'url_invalid', 'After the scheme of a url come two slashes.', url.href)
  }
  if (url.username !== '' || url.password !== '') {
    problems.add(
      pointer,
      'url_credentials',
      'A url carries no user name or password: urls end up in logs. Send them in an Authorization header.',
    )
  }
  if (text.includes('#')) {
    problems.add(
      pointer,
      'url_fragment',
      'What follows "#" is never sent to a server. Leave it out, or write %23 if it belongs to the path or query.',
    )
  }
  if (url.port === '0')
    problems.add(pointer, 'url_invalid', 'Nothing listens on port 0. Give the port of the service.')
}
