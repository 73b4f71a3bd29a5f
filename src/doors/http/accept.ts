// Does the caller take what we would send?

/** `offered` is one media type without parameters; `any`: it depends. A missing header takes everything. */
export function accepts(header: string | undefined, offered: string): boolean {
  if (header === undefined || header.trim() === '') return true
  if (offered === 'any') return true
  const [kind = '', sub = ''] = offered.split('/')
  return header.split(',').some((part) => {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    if (parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))) return false
    // A reply in JSON answers to every name of JSON: a problem document is one too.
    return (
      range === '*/*' ||
      range === `${kind}/*` ||
      range === offered ||
      (sub === 'json' && range.endsWith('+json'))
    )
  })
}
