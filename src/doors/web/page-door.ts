// The page: its files, and its one document under every address the page itself knows. Whatever it shows it asks of
// REST v1, as any other client does.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem } from '../http/http-problem.ts'
import { ENCODINGS, type PageFile, type PageFiles } from './page-files.ts'

/** The first part of every address of the page. What is not here is not found, rather than an empty page. */
export const PAGE_PLACES = [
  'overview',
  'jobs',
  'runs',
  'agents',
  'scripts',
  'callbacks',
  'projects',
  'secrets',
  'keys',
  'audit',
  'settings',
  'import',
  'sign-in',
] as const

/** No inline script or style, no foreign host, no text that becomes script. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const HEADERS = {
  'Content-Security-Policy': PAGE_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  Vary: 'Accept-Encoding',
} as const

/** Names under assets/ carry a hash of their content, so a name never changes its meaning. */
const FOREVER = 'public, max-age=31536000, immutable'

export function mountPage(app: FastifyInstance, files: PageFiles): void {
  const document = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const file = files.get('index.html')
    if (file === undefined) throw notBuilt()
    return send(request, reply, file, 'no-cache')
  }
  const page = { config: { action: 'page.read', offers: 'text/html' } } as const
  app.get('/', page, document)
  for (const place of PAGE_PLACES) {
    app.get(`/${place}`, page, document)
    app.get(`/${place}/*`, page, document)
  }
  for (const [path, file] of files) {
    if (path === 'index.html') continue
    const config = { action: 'page.read', offers: file.type.split(';', 1)[0]! } as const
    const cache = path.startsWith('assets/') ? FOREVER : 'no-cache'
    app.get(`/${path}`, { config }, (request, reply) => send(request, reply, file, cache))
  }
}

function send(request: FastifyRequest, reply: FastifyReply, file: PageFile, cache: string): FastifyReply {
  const accepted = String(request.headers['accept-encoding'] ?? '')
  const encoding = Object.keys(ENCODINGS).find(
    (name) =>
      file.bytes[name] !== undefined &&
      new RegExp(`\\b${name}\\b(?!\\s*;\\s*q=0(?:\\.0*)?(?:,|$))`).test(accepted),
  )
  if (encoding !== undefined) reply.header('Content-Encoding', encoding)
  return reply
    .headers({ ...HEADERS, 'Cache-Control': cache, 'Content-Type': file.type })
    .send(file.bytes[encoding ?? 'identity'])
}

function notBuilt(): HttpProblem {
  return new HttpProblem(
    'route_not_found',
    'The page has not been built. In a clone: npm run build:page, then start the server again. The API works: /docs.',
  )
}
