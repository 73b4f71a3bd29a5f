// What a document points at is there: links, anchors, npm scripts, files named in backticks.

import { posix } from 'node:path'
import { lineAt, type Rule, type TreeFile, type Violation } from './violation.ts'

const LINK = /!?\[[^\]\n]*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]\n]+\]:\s+<?(\S+?)>?(?:\s|$)/gm

export const linkRule: Rule = {
  name: 'links',
  check(files) {
    const known = new Set(files.flatMap(({ path }) => withFolders(path)))
    return documentsOf(files).flatMap((file) => {
      const prose = withoutCode(file.text)
      return [...prose.matchAll(LINK)].flatMap((match) => {
        const message = broken(file, match[1] ?? match[2]!, known, files)
        return message === null
          ? []
          : [{ path: file.path, line: lineAt(prose, match.index), rule: 'links', message }]
      })
    })
  },
}

function broken(
  from: TreeFile,
  link: string,
  known: ReadonlySet<string>,
  files: readonly TreeFile[],
): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return null
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? from.path : posix.join(posix.dirname(from.path), decodeURIComponent(path))
  if (!known.has(target.replace(/\/$/, '')))
    return `the link "${link}" leads to ${target}, which does not exist.`
  const file = files.find((one) => one.path === target)
  if (anchor === undefined || file === undefined || !target.endsWith('.md')) return null
  return anchorsOf(file.text).includes(anchor) ? null : `the link "${link}" names no heading of ${target}.`
}

function withFolders(path: string): string[] {
  const parts = path.split('/')
  return ['.', ...parts.map((_, n) => parts.slice(0, n + 1).join('/'))]
}

/** As GitHub makes them: lower case, punctuation gone, hyphens for spaces. */
function anchorsOf(text: string): string[] {
  return [...text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map((match) =>
    match[1]!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
}

export const scriptRule: Rule = {
  name: 'npm-scripts',
  check(files) {
    const manifest = files.find(({ path }) => path === 'package.json')
    if (manifest === undefined) return []
    const { scripts = {} } = JSON.parse(manifest.text) as { scripts?: Record<string, string> }
    return [...documentsOf(files), ...files.filter(({ path }) => /^\.ci\/|\.ya?ml$/.test(path))].flatMap(
      ({ path, text }) =>
        [...text.matchAll(/\bnpm (?:run(?:-script)? ([\w:.-]*\w)|(test|start)\b)/g)].flatMap((match) => {
          const name = match[1] ?? match[2]!
          if (Object.hasOwn(scripts, name)) return []
          const message = `"${match[0]}": package.json has no script "${name}".`
          return [{ path, line: lineAt(text, match.index), rule: 'npm-scripts', message }]
        }),
    )
  },
}

const NAMED_FILE = /`((?:[a-z0-9-]+\/)+[a-z0-9.-]+\.(?:ts|sql|json|js|md))`/g

/** The house's own documents name files from the root or from src; both ways the file must be there. */
export const namedFileRule: Rule = {
  name: 'named-files',
  check(files) {
    const known = new Set(files.map(({ path }) => path))
    return documentsOf(files)
      .filter(({ path }) => !path.includes('/'))
      .flatMap(({ path, text }): Violation[] =>
        [...text.matchAll(NAMED_FILE)].flatMap((match) => {
          const name = match[1]!
          if (known.has(name) || known.has(`src/${name}`)) return []
          const message = `names ${name}, which does not exist.`
          return [{ path, line: lineAt(text, match.index), rule: 'named-files', message }]
        }),
      )
  },
}

function documentsOf(files: readonly TreeFile[]): TreeFile[] {
  return files.filter(({ path }) => path.endsWith('.md'))
}

/** Code blocks and spans blank, lines kept. */
function withoutCode(text: string): string {
  return text
    .replace(/^(\s*)(```|~~~)[\s\S]*?^\s*\2/gm, (block) => block.replace(/[^\n]/g, ' '))
    .replace(/`[^`\n]*`/g, (span) => ' '.repeat(span.length))
}
