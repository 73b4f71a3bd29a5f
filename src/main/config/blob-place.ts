// Where blobs are kept, as it is written in the configuration: a directory, or s3://bucket[/prefix][?endpoint=…&region=…].

import type { Kind, Refusal } from './kinds.ts'

export type BlobPlace =
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 's3'
      readonly bucket: string
      /** Empty, or ends with a slash. */
      readonly prefix: string
      readonly endpoint: string
      readonly region: string
    }

const REGION_DEFAULT = 'us-east-1'
const EXAMPLE = 's3://bucket?endpoint=https://s3.example.com&region=eu-central-1'

/** The text is what is kept: it is what people wrote, and holds no secret. */
export const blobPlace: Kind<string> = {
  placeholder: 'path|s3://…',
  read: (text) => {
    const place = readBlobPlace(text)
    return 'detail' in place ? place : { value: text }
  },
  write: (value) => value,
}

export function readBlobPlace(text: string): BlobPlace | Refusal {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return { kind: 'directory', path: text }
  const url = URL.parse(text)
  if (url?.protocol !== 's3:') return { detail: `is a directory, or such as ${EXAMPLE}` }
  if (url.username !== '' || url.password !== '') {
    return { detail: 'holds no keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY' }
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.host))
    return { detail: `names a bucket, such as ${EXAMPLE}` }
  const unknown = [...url.searchParams.keys()].find((name) => name !== 'endpoint' && name !== 'region')
  if (unknown !== undefined) return { detail: `knows endpoint and region, not "${unknown}"` }
  const prefix = url.pathname.replaceAll(/^\/+|\/+$/g, '')
  if (!/^[A-Za-z0-9_./-]*$/.test(prefix))
    return { detail: 'has a prefix of letters, digits, _, -, . and slashes' }
  const region = url.searchParams.get('region') ?? REGION_DEFAULT
  const endpoint = url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`
  const parsed = URL.parse(endpoint)
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.search !== '') {
    return { detail: 'has an endpoint such as https://s3.example.com' }
  }
  return {
    kind: 's3',
    bucket: url.host,
    prefix: prefix === '' ? '' : `${prefix}/`,
    endpoint: endpoint.replace(/\/+$/, ''),
    region,
  }
}
