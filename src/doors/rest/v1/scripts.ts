// Scripts: upload, list, read, fetch, delete.

import { deleteScript, getScript, listScripts, readScript } from '../../../commands/script/scripts.ts'
import { uploadScript } from '../../../commands/script/upload-script.ts'
import { AppError } from '../../../domain/errors.ts'
import { SCRIPT_LIMITS, type Script } from '../../../domain/script.ts'
import * as protocol from '../../../protocol/script.ts'
import { endpoint } from '../../http/endpoint.ts'
import { invalid } from '../../http/http-problem.ts'
import { PAGE_PARAMETERS, pageAnswer, pageRequest } from '../../http/page-reply.ts'
import { text } from '../../http/query.ts'

const PARAMS = { sha256: 'SHA-256 of the content.' } as const
const PROJECT = { project: text('Name or id of its project. Left out: the default one.') } as const

export const uploadScriptEndpoint = endpoint({
  method: 'POST',
  path: '/v1/scripts',
  operationId: 'uploadScript',
  tag: 'Scripts',
  summary: 'Upload a script',
  description: 'The body is the content, byte for byte. The same content again is the same script.',
  action: 'script.upload',
  query: {
    ...PROJECT,
    name: text('For people.'),
    interpreter: text('What it is meant for: python3, bash …'),
    sha256: text('What the content must have, to be sure that it arrived as it was.'),
  },
  body: { schema: protocol.ScriptContent, binary: { bytesMax: SCRIPT_LIMITS.bytesMax } },
  replies: {
    200: { description: 'It was there already.', schema: protocol.Script },
    201: { description: 'Stored.', schema: protocol.Script, headers: { Location: 'Its address.' } },
  },
  problems: ['not_found'],
  handle: async ({ ctx, who, query, body }) => {
    try {
      const { script, added } = await uploadScript(ctx, who, { ...query, content: body })
      if (!added) return { status: 200, body: presentScript(script) }
      return {
        status: 201,
        body: presentScript(script),
        headers: { Location: `/v1/scripts/${script.sha256}` },
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'invalid') throw error
      // What is not the content stood in the query.
      throw invalid(error.problems.map((one) => ({ ...one, pointer: one.pointer.replace(/^\//, '?') })))
    }
  },
})

export const listScriptsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/scripts',
  operationId: 'listScripts',
  tag: 'Scripts',
  summary: 'List scripts',
  description: 'Of one project, newest first.',
  action: 'script.read',
  query: { ...PROJECT, ...PAGE_PARAMETERS },
  replies: { 200: { description: 'A page of scripts.', schema: protocol.ScriptPage } },
  problems: ['not_found'],
  handle: async ({ ctx, who, url, query }) =>
    pageAnswer(url, await listScripts(ctx, who, query.project, pageRequest(query)), presentScript),
})

export const getScriptEndpoint = endpoint({
  method: 'GET',
  path: '/v1/scripts/{sha256}',
  params: PARAMS,
  operationId: 'getScript',
  tag: 'Scripts',
  summary: 'Read about a script',
  action: 'script.read',
  query: PROJECT,
  replies: { 200: { description: 'The script, without its content.', schema: protocol.Script } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query }) => ({
    status: 200,
    body: presentScript(await getScript(ctx, who, { sha256: params.sha256 ?? '', ...query })),
  }),
})

export const downloadScriptEndpoint = endpoint({
  method: 'GET',
  path: '/v1/scripts/{sha256}/content',
  params: PARAMS,
  operationId: 'downloadScript',
  tag: 'Scripts',
  summary: 'Download the content of a script',
  action: 'script.read',
  query: PROJECT,
  replies: {
    200: { description: 'The bytes, as they were uploaded.', contentType: 'application/octet-stream' },
  },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query }) => {
    const { content } = await readScript(ctx, who, { sha256: params.sha256 ?? '', ...query })
    return { status: 200, body: Buffer.from(content), contentType: 'application/octet-stream' }
  },
})

export const deleteScriptEndpoint = endpoint({
  method: 'DELETE',
  path: '/v1/scripts/{sha256}',
  params: PARAMS,
  operationId: 'deleteScript',
  tag: 'Scripts',
  summary: 'Delete a script',
  description: 'Refused while a job, or a run that is not final, uses it.',
  action: 'script.delete',
  query: PROJECT,
  replies: { 204: { description: 'Deleted.' } },
  problems: ['not_found', 'in_use'],
  handle: async ({ ctx, who, params, query }) => {
    await deleteScript(ctx, who, { sha256: params.sha256 ?? '', ...query })
    return { status: 204 }
  },
})

function presentScript({ blob: _, createdAt, ...script }: Script): protocol.Script {
  return { ...script, createdAt: new Date(createdAt).toISOString() }
}
