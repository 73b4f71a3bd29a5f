// Parameters of an endpoint: in the path, in the query, in headers.

import type { Endpoint } from '../../http/endpoint.ts'

export function parametersOf(endpoint: Endpoint): object[] {
  return [...inPath(endpoint), ...inQuery(endpoint), ...inHeaders(endpoint)]
}

function inPath({ params = {} }: Endpoint): object[] {
  return Object.entries(params).map(([name, description]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' },
  }))
}

function inQuery({ query = {} }: Endpoint): object[] {
  return Object.entries(query).map(([name, { description, schema, repeatable }]) => ({
    name,
    in: 'query',
    description,
    schema: repeatable ? { type: 'array', items: schema } : schema,
  }))
}

function inHeaders({ repeatable, conditional }: Endpoint): object[] {
  const headers: object[] = []
  if (repeatable) {
    headers.push({
      name: 'Idempotency-Key',
      in: 'header',
      description: 'Makes it safe to send this request again. Up to 255 printable characters.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    })
  }
  if (conditional) {
    headers.push({
      name: 'If-Match',
      in: 'header',
      description:
        'The ETag that was read: only that version is changed. `*` or left out: any; where the server has `require-if-match`, PUT and PATCH name one.',
      schema: { type: 'string', examples: ['"3"'] },
    })
  }
  return headers
}
