// A script: content that was uploaded, known by its SHA-256 within its project. It never changes.

import type { Problems } from './errors.ts'

export type Script = {
  readonly projectId: string
  /** Of the content, lower-case hex. */
  readonly sha256: string
  /** For people. */
  readonly name: string | null
  /** What its author had in mind; a job names its own. */
  readonly interpreter: string | null
  readonly bytes: number
  /** Key of the content in the blob store. */
  readonly blob: string
  readonly createdAt: number
  readonly createdBy: string
}

export const SCRIPT_LIMITS = { bytesMax: 4_194_304, nameMax: 200 } as const

export const INTERPRETERS_DEFAULT = [
  'bash',
  'sh',
  'python3',
  'python',
  'node',
  'ruby',
  'perl',
  'php',
  'pwsh',
] as const

export type ScriptDraft = {
  readonly name?: string
  readonly interpreter?: string
  /** What the content must have; for who wants to be sure that it arrived as it was. */
  readonly sha256?: string
  readonly content: Uint8Array
}

/** `sha256` of the content as it arrived. */
export function checkScript(
  draft: ScriptDraft,
  sha256: string,
  interpreters: readonly string[],
  problems: Problems,
): void {
  const { name, interpreter, content } = draft
  if (content.length === 0)
    problems.add('', 'script_empty', 'The body is empty; send the content of the script.')
  if (content.length > SCRIPT_LIMITS.bytesMax) {
    problems.add(
      '',
      'script_too_large',
      `A script has at most ${SCRIPT_LIMITS.bytesMax} bytes, this has ${content.length}.`,
    )
  }
  if (content.includes(0)) {
    problems.add(
      '',
      'script_binary',
      'This is no text: it holds a zero byte. Programs are installed on the agents; scripts are text.',
    )
  }
  if (endsFirstLineLikeWindows(content)) {
    problems.add(
      '',
      'script_line_ends',
      'The first line ends like those of Windows (CR LF), which interpreters take for a part of it. Save it with LF line ends.',
    )
  }
  if (draft.sha256 !== undefined && draft.sha256 !== sha256) {
    problems.add(
      '/sha256',
      'script_mismatch',
      `The content that arrived has the SHA-256 ${sha256}, not ${draft.sha256}. Send it again.`,
    )
  }
  if (name !== undefined && !/^[^\p{Cc}]{1,200}$/u.test(name)) {
    problems.add(
      '/name',
      'name_invalid',
      `The name of a script has 1 to ${SCRIPT_LIMITS.nameMax} visible characters.`,
    )
  }
  if (interpreter !== undefined) checkInterpreter(interpreter, interpreters, problems, '/interpreter')
}

export function checkInterpreter(
  interpreter: string,
  interpreters: readonly string[],
  problems: Problems,
  pointer: string,
): void {
  if (interpreters.includes(interpreter)) return
  problems.add(
    pointer,
    'interpreter_refused',
    `"${interpreter.slice(0, 60)}" is none of the interpreters of this server: ${interpreters.join(', ')}.`,
  )
}

function endsFirstLineLikeWindows(content: Uint8Array): boolean {
  const [hash, bang] = content
  if (hash !== 0x23 || bang !== 0x21) return false
  const end = content.indexOf(0x0a)
  return end > 0 && content[end - 1] === 0x0d
}
