// The bytes that go out: text as it stands, every other JSON value as JSON.

export type Body = { readonly bytes: Buffer; readonly contentType: string }

export function bodyOf(value: unknown): Body {
  return typeof value === 'string'
    ? { bytes: Buffer.from(value), contentType: 'text/plain;charset=utf-8' }
    : jsonBody(JSON.stringify(value))
}

export function jsonBody(json: string): Body {
  return { bytes: Buffer.from(json), contentType: 'application/json' }
}
