// The cookie of a browser that was sent to an issuer. It comes back by a link of another site, so it cannot be strict; it is
// sent to the one address that looks at it, and opens nothing by itself.

const NAME = 'carillon_login'
const PATH = '/v1/visit/issuer'

export function loginCookie(text: string, seconds: number, secure: boolean): string {
  const attributes = `Path=${PATH}; HttpOnly; SameSite=Lax; Max-Age=${seconds}`
  return `${NAME}=${text}; ${attributes}${secure ? '; Secure' : ''}`
}

export function loginText(header: string | undefined): string {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=')
    if (part.slice(0, at).trim() === NAME) return part.slice(at + 1).trim()
  }
  return ''
}
