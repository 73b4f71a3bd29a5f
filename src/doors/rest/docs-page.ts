// The contract for machines at /openapi.json and for people at /docs. Everything is served from here: no
// foreign host, no inline script.

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Endpoint, endpoint } from '../http/endpoint.ts'
import { HttpProblem } from '../http/http-problem.ts'
import type { OpenApiDocument } from './openapi/openapi-document.ts'

/** Swagger UI sets styles through the object model, which needs no leave, and shows its icons from data addresses. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Carillon API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. The same is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const START = `window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
  tryItOutEnabled: true,
  presets: [SwaggerUIBundle.presets.apis],
})
`

const ASSETS = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' } as const

const PLACE = { method: 'GET', tag: 'Health', action: 'docs.read', hidden: true } as const

export function docsEndpoints(document: () => OpenApiDocument): Endpoint[] {
  // One for all who ask: some never read their answer.
  let bytes: Buffer | null = null
  return [
    endpoint({
      ...PLACE,
      path: '/openapi.json',
      operationId: 'getOpenApi',
      summary: 'This contract',
      replies: { 200: { description: 'OpenAPI 3.1.' } },
      handle: () => {
        bytes ??= Buffer.from(JSON.stringify(document()))
        return { status: 200, body: bytes, contentType: 'application/json; charset=utf-8' }
      },
    }),
    page('/docs', 'text/html', () => PAGE),
    page('/docs/start.js', 'text/javascript', () => START),
    ...Object.entries(ASSETS).map(([name, type]) => page(`/docs/${name}`, type, () => asset(name))),
  ]
}

function page(path: string, type: string, content: () => Promise<Buffer> | string): Endpoint {
  return endpoint({
    ...PLACE,
    path,
    operationId: `get${path}`,
    summary: 'The contract for people',
    replies: { 200: { description: 'A part of the page.', contentType: type } },
    handle: async () => ({
      status: 200,
      body: await content(),
      contentType: `${type}; charset=utf-8`,
      headers: { 'Content-Security-Policy': DOCS_POLICY, 'Cache-Control': 'no-cache' },
    }),
  })
}

const kept = new Map<string, Buffer>()

async function asset(name: string): Promise<Buffer> {
  const known = kept.get(name)
  if (known !== undefined) return known
  const bytes = await readFile(join(assetDirectory(), name))
  kept.set(name, bytes)
  return bytes
}

/** In a package the build has put them beside this file; in a clone they are a development dependency. */
function assetDirectory(): string {
  const packed = fileURLToPath(new URL('./docs-assets/', import.meta.url))
  if (existsSync(packed)) return packed
  try {
    return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  } catch {
    throw new HttpProblem(
      'route_not_found',
      'The documentation page is not installed. The contract is at /openapi.json.',
    )
  }
}
