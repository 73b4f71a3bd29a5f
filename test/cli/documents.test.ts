// The pages about command line and configuration say what the program does.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Command } from 'commander'
import { COMMANDS } from '../../src/cli/commands/table-of-commands.ts'
import { EXIT_WORDS } from '../../src/cli/exit-code.ts'
import { wholeTree } from '../../src/cli/program.ts'
import { processTerminal } from '../../src/cli/terminal.ts'
import { envName, fileKey, OPTION_KEYS, OPTIONS } from '../../src/main/config/options.ts'
import { startStubServer } from '../sdk/stub-server.ts'
import { carillon } from './cli.ts'
import { CALENDAR, CREATED, OVERVIEW, PREVIEW, RUN } from './wire.ts'

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

function between(text: string, mark: string): string {
  const found = new RegExp(`<!-- ${mark} -->\n([\\s\\S]*?)<!-- /${mark} -->`).exec(text)?.[1]
  assert.ok(found !== undefined, `the page has no part "${mark}"`)
  return found
}

test('configuration.md has the table of options', () => {
  const rows = OPTION_KEYS.map((key) => {
    const { name, kind, default: preset, defaultWords, description, secret } = OPTIONS[key]
    const shown = defaultWords ?? (typeof preset === 'string' && preset !== '' ? `\`${preset}\`` : 'none')
    const flag = secret ? `--${name}-file` : `--${name}`
    const variable = secret ? `\`${envName(name)}\`, \`${envName(name)}_FILE\`` : `\`${envName(name)}\``
    const inFile = secret ? `\`${fileKey(name)}\`, \`${fileKey(name)}File\`` : `\`${fileKey(name)}\``
    const about = `${description} (${kind.placeholder.replaceAll('|', ', ')})`
    return `| \`${flag}\` | ${variable} | ${inFile} | ${shown} | ${about} |`
  })
  const table = ['| flag | environment | file | default | is |', '|---|---|---|---|---|', ...rows, ''].join(
    '\n',
  )
  assert.equal(between(page('configuration.md'), 'options'), table)
})

test('cli.md has the exit codes', () => {
  const rows = Object.entries(EXIT_WORDS).map(([code, words]) => `| ${code} | ${words} |`)
  const table = ['| code | means |', '|---|---|', ...rows, ''].join('\n')
  assert.equal(between(page('cli.md'), 'exit codes'), table)
})

/** Groups that are a command too. */
const DOES_SOMETHING_ITSELF = new Set(['carillon agent'])

test('cli.md names every command, and no other', async () => {
  const program = await wholeTree(processTerminal())
  const leaves = (command: Command, path: string): string[] => {
    const below = command.commands.filter((one) => !one.name().startsWith('_'))
    const own = below.length === 0 || DOES_SOMETHING_ITSELF.has(path) ? [path] : []
    return [...own, ...below.flatMap((one) => leaves(one, `${path} ${one.name()}`))]
  }
  const commands = page('cli.md').split('## Commands')[1]!.split('\n## ')[0]!
  const named = [...commands.matchAll(/`(carillon [a-z0-9- ]+)`/g)].map(([, command]) => command!)
  assert.deepEqual(named.sort(), leaves(program, 'carillon').sort())
})

/** Lines of the shell blocks of a page that call carillon, continued lines joined. */
function examples(name: string): string[] {
  const blocks = [...page(name).matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) =>
    block!.replaceAll('\\\n', ''),
  )
  return blocks.flatMap((block) =>
    [...block.matchAll(/\bcarillon ([^\n|)#]*)/g)].map(([, words]) => words!.trim()),
  )
}

function words(line: string): string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  )
}

const SERVERS = ['up', 'server', 'check']
const FILES: Readonly<Record<string, string>> = { 'jobs.yaml': '-', 'close-day.yaml': '-' }

for (const example of [...examples('cli.md'), ...examples('configuration.md')]) {
  const args = words(example).map((word) => FILES[word] ?? word)
  if (
    SERVERS.includes(args[0]!) ||
    args.includes('https://carillon.example.com') ||
    args.join(' ') === 'job edit close-day'
  )
    continue
  test(`the example works: carillon ${example}`, async () => {
    await using server = await startStubServer(({ path, method }) => {
      if (path === '/v1/events') return { status: 404, json: { code: 'not_found', detail: 'No job.' } }
      if (path.endsWith('/preview')) return { json: PREVIEW }
      if (path.endsWith('/why'))
        return { json: { at: RUN.dueAt, answer: 'Yes.', facts: [], run: null, previous: null, next: null } }
      if (path.endsWith('/ledger')) return { json: { runs: [], gaps: [], upcoming: [], truncated: false } }
      if (path.endsWith('/calendar')) return { json: CALENDAR }
      if (path === '/v1/overview') return { json: OVERVIEW }
      if (path === '/v1/jobs/bulk') return { text: '{"total":1}\n{"done":1,"failed":0}\n' }
      if (path === '/v1/keys') return { json: { name: 'k', scopes: [], secret: 's' } }
      if (method === 'GET' && /s$/.test(path)) return { json: { items: [], nextCursor: null } }
      if (/trigger$|\/runs\//.test(path)) return { json: RUN }
      return { json: CREATED }
    })
    const stdin = JSON.stringify({ name: 'a', schedule: {}, target: { http: { url: 'http://x' } } })
    const { code, err } = await carillon(args, { env: { CARILLON_URL: server.url }, stdin })
    assert.equal(code, args.includes('watch') ? 3 : 0, err)
  })
}

test('every top command is in the table once', () => {
  assert.equal(new Set(COMMANDS.map(({ name }) => name)).size, COMMANDS.length)
})
