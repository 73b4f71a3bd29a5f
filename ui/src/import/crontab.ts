// A crontab as jobs: each line with what becomes of it, or why nothing does. Comments become descriptions, `CRON_TZ` zones,
// calls of curl or wget HTTP targets, everything else commands.

import type { JobDraft, Target } from '../../../src/sdk/index.ts'

export type CrontabLine = {
  readonly number: number
  readonly text: string
  readonly draft: JobDraft | null
  /** Why there is no job, or what is different from cron. */
  readonly notes: readonly string[]
}

const MACROS = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)\s+(.+)$/
const FIELDS = /^((?:\S+\s+){4}\S+)\s+(.+)$/
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/

export function readCrontab(text: string, zone: string): CrontabLine[] {
  const lines: CrontabLine[] = []
  const names = new Set<string>()
  const env: Record<string, string> = {}
  let timezone = zone
  let comment: string | null = null
  for (const [n, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    const told = (draft: JobDraft | null, ...notes: string[]): void => {
      lines.push({ number: n + 1, text: line, draft, notes })
    }
    if (line === '') comment = null
    else if (line.startsWith('#')) comment = line.replace(/^#+\s*/, '')
    else {
      const variable = VARIABLE.exec(line)
      if (variable !== null) {
        const value = variable[2]!.replace(/^(["'])(.*)\1$/, '$2')
        if (/^(?:CRON_)?TZ$/.test(variable[1]!)) timezone = value
        else if (variable[1] === 'MAILTO')
          told(null, 'MAILTO: nobody is written to; give the jobs a callback instead.')
        else env[variable[1]!] = value
        continue
      }
      const read = scheduleAndCommand(line)
      if (typeof read === 'string') told(null, read)
      else {
        const { target, notes } = targetOf(read.command, env)
        const schedule = { cron: read.cron, timezone }
        const about = comment === null || comment === '' ? {} : { description: comment.slice(0, 2_000) }
        told(
          { name: nameOf(read.command, names), ...about, labels: { import: 'crontab' }, schedule, target },
          ...notes,
        )
      }
      comment = null
    }
  }
  return lines
}

function scheduleAndCommand(line: string): { cron: string; command: string } | string {
  if (/^@reboot\b/.test(line))
    return '@reboot has no time: a scheduler rings at times. Start it with the machine instead.'
  const macro = MACROS.exec(line)
  if (macro !== null) return { cron: `@${macro[1] === 'midnight' ? 'daily' : macro[1]}`, command: macro[2]! }
  if (line.startsWith('@')) return `${line.split(/\s/, 1)[0]} is not known.`
  const fields = FIELDS.exec(line)
  if (fields === null) return 'A line has five fields and a command.'
  return { cron: fields[1]!.replace(/\s+/g, ' '), command: fields[2]! }
}

/** An unescaped % ends the command; what follows is its input, with % for line breaks. */
function targetOf(
  command: string,
  env: Readonly<Record<string, string>>,
): { target: Target; notes: string[] } {
  const [shell = '', ...input] = command.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'))
  const url = input.length > 0 ? null : onlyUrl(shell)
  if (url !== null) return { target: { http: { url } }, notes: ['An HTTP call: needs no agent.'] }
  const { SHELL: _shell, PATH: _path, ...others } = env
  const notes = ['A command: needs an agent.']
  if (/>\s*\/dev\/null/.test(shell))
    notes.push('Its output goes nowhere; without that it would be kept with each run.')
  return {
    target: {
      command: {
        shell: shell.trim(),
        ...(input.length === 0 ? {} : { stdin: `${input.join('\n')}\n` }),
        ...(Object.keys(others).length === 0 ? {} : { env: others }),
      },
    } as Target,
    notes,
  }
}

/** `curl -s https://…` and the like, with nothing that would be lost. */
function onlyUrl(shell: string): string | null {
  const words = shell
    .replace(/\s*(?:[12&]?>+\s*(?:\/dev\/null|&1)\s*)+$/, '')
    .trim()
    .split(/\s+/)
  if (words[0] !== 'curl' && words[0] !== 'wget') return null
  const rest = words
    .slice(1)
    .filter(
      (word) => !/^(?:-[sSfLqk]+|--silent|--fail|--quiet|-O-|-qO-?|--spider|-O|-o|\/dev\/null)$/.test(word),
    )
  const url = rest.length === 1 ? rest[0]!.replace(/^(["'])(.*)\1$/, '$2') : null
  return url !== null && /^https?:\/\/\S+$/.test(url) ? url : null
}

function nameOf(command: string, taken: Set<string>): string {
  const words = command
    .replace(/[^\w.-]+/g, ' ')
    .trim()
    .split(' ')
    .filter((word) => !/^(?:bin|usr|local|sbin|opt|env|sh|bash|c|https?)$/.test(word))
  const base = (words.slice(0, 4).join('-') || 'job').slice(0, 80)
  let name = base
  for (let n = 2; taken.has(name); n += 1) name = `${base}-${n}`
  taken.add(name)
  return name
}
