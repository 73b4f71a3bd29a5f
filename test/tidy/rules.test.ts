// Each rule can fail: a planted violation is found, at its line, and what only looks like one is not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RULES } from './rules.ts'
import type { TreeFile, Violation } from './violation.ts'

type Tree = Readonly<Record<string, string>>

/** What the rule finds, as `path:line`. */
function found(rule: string, tree: Tree): string[] {
  return violations(rule, tree).map(({ path, line }) => `${path}:${line}`)
}

function violations(name: string, tree: Tree): Violation[] {
  const rule = RULES.find((one) => one.name === name)
  assert.ok(rule !== undefined, `there is no rule ${name}`)
  const files: TreeFile[] = Object.entries(tree).map(([path, text]) => ({ path, text }))
  return rule.check(files)
}

/** A file with these imports, one a line. */
function importing(...specifiers: string[]): string {
  return specifiers.map((specifier, n) => `import { a${n} } from '${specifier}'\n`).join('')
}

/** A violation of each rule. */
const PLANTED: Readonly<Record<string, readonly { readonly tree: Tree; readonly at: string }[]>> = {
  rooms: [
    { tree: { 'src/domain/a.ts': importing('../ports/store.ts') }, at: 'src/domain/a.ts:1' },
    {
      tree: {
        'src/doors/rest/v1/jobs.ts': "// A door.\nimport type { Store } from '../../../ports/store.ts'\n",
      },
      at: 'src/doors/rest/v1/jobs.ts:2',
    },
    {
      tree: { 'src/engine/a.ts': importing('../commands/a.ts', '../dispatch/b.ts') },
      at: 'src/engine/a.ts:2',
    },
    { tree: { 'src/cli/a.ts': importing('../domain/schedule/schedule.ts') }, at: 'src/cli/a.ts:1' },
    { tree: { 'src/agent/runner.ts': importing('../dispatch/call.ts') }, at: 'src/agent/runner.ts:1' },
    { tree: { 'src/adapters/sqlite/a.ts': importing('../postgres/b.ts') }, at: 'src/adapters/sqlite/a.ts:1' },
    {
      tree: { 'src/doors/compat/dcron/a.ts': importing('../cron-server/b.ts') },
      at: 'src/doors/compat/dcron/a.ts:1',
    },
    {
      tree: { 'src/doors/compat/dcron/a.ts': importing('../../rest/v1/b.ts') },
      at: 'src/doors/compat/dcron/a.ts:1',
    },
    { tree: { 'src/domain/a.ts': importing('node:crypto') }, at: 'src/domain/a.ts:1' },
    { tree: { 'src/sdk/a.ts': importing('node:http') }, at: 'src/sdk/a.ts:1' },
    { tree: { 'src/engine/a.ts': "const x = await import('undici')\n" }, at: 'src/engine/a.ts:1' },
    { tree: { 'src/main/a.ts': importing('../../test/support/clock.ts') }, at: 'src/main/a.ts:1' },
    { tree: { 'src/shed/a.ts': '' }, at: 'src/shed/a.ts:1' },
    { tree: { 'src/a.ts': '' }, at: 'src/a.ts:1' },
  ],
  circles: [
    {
      tree: {
        'src/domain/a.ts': importing('./b.ts'),
        'src/domain/b.ts': importing('./c.ts'),
        'src/domain/c.ts': importing('./a.ts'),
      },
      at: 'src/domain/a.ts:1',
    },
    {
      tree: {
        'src/domain/a.ts': importing('./b.ts'),
        'src/domain/b.ts': "import type { A } from './a.ts'\n",
      },
      at: 'src/domain/a.ts:1',
    },
    { tree: { 'test/support/a.ts': importing('./a.ts') }, at: 'test/support/a.ts:1' },
  ],
  surroundings: [
    { tree: { 'src/domain/a.ts': '// Now.\nconst now = Date.now()\n' }, at: 'src/domain/a.ts:2' },
    { tree: { 'src/engine/a.ts': 'const now = new Date()' }, at: 'src/engine/a.ts:1' },
    { tree: { 'src/engine/a.ts': 'const start = performance.now()' }, at: 'src/engine/a.ts:1' },
    { tree: { 'src/dispatch/a.ts': 'setTimeout(stop, 10)' }, at: 'src/dispatch/a.ts:1' },
    { tree: { 'src/dispatch/a.ts': 'globalThis.setInterval(stop, 10)' }, at: 'src/dispatch/a.ts:1' },
    { tree: { 'src/dispatch/a.ts': 'wait(AbortSignal.timeout(5))' }, at: 'src/dispatch/a.ts:1' },
    { tree: { 'src/main/a.ts': importing('node:timers/promises') }, at: 'src/main/a.ts:1' },
    { tree: { 'src/domain/a.ts': 'const share = Math.random()' }, at: 'src/domain/a.ts:1' },
    { tree: { 'src/commands/a.ts': 'const id = crypto.randomUUID()' }, at: 'src/commands/a.ts:1' },
    { tree: { 'src/main/server.ts': 'const home = process.env.HOME' }, at: 'src/main/server.ts:1' },
    { tree: { 'src/cli/a.ts': 'process.exit(1)' }, at: 'src/cli/a.ts:1' },
    { tree: { 'src/doors/rest/a.ts': 'await fetch(url)' }, at: 'src/doors/rest/a.ts:1' },
    // The text around it is a template; what is inside the braces is code.
    {
      tree: { 'src/domain/a.ts': ['const id = `run $', '{Math.random()}`'].join('') },
      at: 'src/domain/a.ts:1',
    },
  ],
  'ways-out': [
    { tree: { 'src/dispatch/a.ts': "import { Client } from 'undici'\n" }, at: 'src/dispatch/a.ts:1' },
    {
      tree: { 'src/adapters/oidc/a.ts': "import { connect } from 'node:tls'\n" },
      at: 'src/adapters/oidc/a.ts:1',
    },
    {
      tree: { 'src/main/a.ts': "import { createAddressGuard } from '../dispatch/address-guard.ts'\n" },
      at: 'src/main/a.ts:1',
    },
    { tree: { 'src/agent/a.ts': 'const socket = new WebSocket(url)' }, at: 'src/agent/a.ts:1' },
  ],
  'file-names': [
    { tree: { 'src/domain/jobSpec.ts': '' }, at: 'src/domain/jobSpec.ts:1' },
    { tree: { 'src/domain/time-utils.ts': '' }, at: 'src/domain/time-utils.ts:1' },
    { tree: { 'test/helpers/clock.ts': '' }, at: 'test/helpers/clock.ts:1' },
    { tree: { 'src/domain/index.ts': '' }, at: 'src/domain/index.ts:1' },
  ],
  'named-exports': [
    { tree: { 'src/domain/a.ts': 'export default 1' }, at: 'src/domain/a.ts:1' },
    { tree: { 'src/domain/a.ts': 'export { a as default }' }, at: 'src/domain/a.ts:1' },
    { tree: { 'src/domain/a.ts': "\nexport * from './b.ts'" }, at: 'src/domain/a.ts:2' },
  ],
  beginning: [{ tree: { 'src/domain/a.ts': 'export const a = 1' }, at: 'src/domain/a.ts:1' }],
  'nothing-for-later': [
    { tree: { 'src/domain/a.ts': `// Once.\n// ${'TO'}DO: twice` }, at: 'src/domain/a.ts:2' },
    { tree: { 'src/adapters/sqlite/0001.sql': `-- ${'FIX'}ME` }, at: 'src/adapters/sqlite/0001.sql:1' },
  ],
  imports: [
    { tree: { 'src/domain/a.ts': importing('./b'), 'src/domain/b.ts': '' }, at: 'src/domain/a.ts:1' },
    { tree: { 'src/domain/a.ts': importing('./b.js'), 'src/domain/b.ts': '' }, at: 'src/domain/a.ts:1' },
    { tree: { 'src/domain/a.ts': importing('./gone.ts') }, at: 'src/domain/a.ts:1' },
    { tree: { 'src/dispatch/a.ts': importing('fs/promises') }, at: 'src/dispatch/a.ts:1' },
  ],
  tests: [
    { tree: { 'src/domain/a.test.ts': "test('a', () => {})" }, at: 'src/domain/a.test.ts:1' },
    { tree: { 'test/a.test.ts': "assert.ok(1)\ntest.only('a', () => {})" }, at: 'test/a.test.ts:2' },
    { tree: { 'test/a.test.ts': "assert.ok(1)\ntest.skip('a', () => {})" }, at: 'test/a.test.ts:2' },
    {
      tree: { 'test/a.test.ts': "assert.ok(1)\ntest('a', { skip: true }, () => {})" },
      at: 'test/a.test.ts:2',
    },
    { tree: { 'test/a.test.ts': 'assert.ok(1)\nt.skip()' }, at: 'test/a.test.ts:2' },
  ],
  'machine-paths': [
    { tree: { 'docs/a.md': `See\n${['', 'home', 'ann', 'jobs'].join('/')}` }, at: 'docs/a.md:2' },
    { tree: { 'a.yaml': `dir: ${['', 'work', 'main'].join('/')}` }, at: 'a.yaml:1' },
    { tree: { 'bench/a.ts': `'${['', 'Users', 'ann'].join('/')}'` }, at: 'bench/a.ts:1' },
    { tree: { 'docs/a.md': ['C:', 'Users', 'ann'].join('\\') }, at: 'docs/a.md:1' },
  ],
  packages: [
    {
      tree: { 'package.json': '{\n"engines": { "node": ">=24" },\n"dependencies": { "idle": "1" } }' },
      at: 'package.json:3',
    },
    {
      tree: { 'package.json': '{ "engines": { "node": ">=24" } }', 'src/main/a.ts': importing('pino') },
      at: 'src/main/a.ts:1',
    },
    { tree: { 'package.json': '{\n"engines": { "node": ">=22" } }' }, at: 'package.json:2' },
    {
      tree: {
        'package-lock.json': JSON.stringify(
          { packages: { 'node_modules/a': {}, 'node_modules/b': { hasInstallScript: true } } },
          null,
          1,
        ),
      },
      at: 'package-lock.json:4',
    },
    {
      tree: {
        'package-lock.json': JSON.stringify({
          packages: Object.fromEntries(Array.from({ length: 121 }, (_, n) => [`node_modules/a${n}`, {}])),
        }),
      },
      at: 'package-lock.json:1',
    },
  ],
  links: [
    { tree: { 'README.md': 'Read\n[this](docs/gone.md).' }, at: 'README.md:2' },
    { tree: { 'docs/a.md': '[up](../src)' }, at: 'docs/a.md:1' },
    { tree: { 'docs/a.md': '[below](#gone)\n\n# Here' }, at: 'docs/a.md:1' },
    { tree: { 'docs/a.md': '[ref]\n\n[ref]: ./gone.md' }, at: 'docs/a.md:3' },
  ],
  'npm-scripts': [
    { tree: { 'package.json': '{}', 'README.md': '`npm run gone`' }, at: 'README.md:1' },
    { tree: { 'package.json': '{}', '.ci/run': 'npm ci\nnpm test' }, at: '.ci/run:2' },
  ],
  'named-files': [{ tree: { 'ARCHITECTURE.md': 'See `domain/gone.ts`.' }, at: 'ARCHITECTURE.md:1' }],
}

test('every rule has a planted violation', () => {
  assert.deepEqual(
    Object.keys(PLANTED),
    RULES.map(({ name }) => name),
  )
})

for (const [rule, plants] of Object.entries(PLANTED)) {
  for (const [n, { tree, at }] of plants.entries()) {
    test(`${rule} finds plant ${n + 1}: ${at}`, () => assert.deepEqual(found(rule, tree), [at]))
  }
}

/** What looks like a violation and is none. */
const INNOCENT: Readonly<Record<string, Tree>> = {
  rooms: {
    'src/domain/a.ts': importing('cronstrue', './b.ts'),
    'src/domain/a.test.ts': importing('node:test', 'fast-check', '../../test/support/clock.ts'),
    'src/agent/runner.ts': importing('../domain/outcome.ts', '../ports/clock.ts'),
    'src/main/version.ts': importing('../../package.json'),
    'src/agent/sdk-work-source.ts': importing('../sdk/index.ts'),
    'src/doors/compat/dcron/a.ts': importing('../../request-id.ts', './to-command.ts'),
    'src/adapters/sqlite/a.ts': importing('node:sqlite', './b.ts', '../../ports/store.ts'),
    'src/engine/a.ts': "// import { x } from '../dispatch/call.ts'\nconst text = `import 'undici'`\n",
  },
  circles: {
    'src/domain/a.ts': importing('./b.ts', './c.ts'),
    'src/domain/b.ts': importing('./c.ts'),
    'src/domain/c.ts': "// import './a.ts'\n",
  },
  surroundings: {
    'src/adapters/system/system-clock.ts': 'setTimeout(callback, Date.now())',
    'src/main/config/process.ts': 'export const env = process.env',
    'src/cli/a.ts': 'process.exitCode = 1',
    'src/domain/a.ts': [
      '// Date.now() would lie here.',
      'const text = \'Math.random()\' + "process.env" + `setTimeout`',
      'const at = new Date(now).toISOString()',
      'socket.setTimeout(10)',
      'const pattern = /Date.now()/',
      'clearTimeout(timer)',
    ].join('\n'),
    'src/domain/a.test.ts': 'const now = Date.now()',
  },
  'ways-out': {
    'src/dispatch/address-rules.ts': "import { isIP } from 'node:net'\n",
    'src/dispatch/a.ts': "import type { Socket } from 'node:net'\n",
    'src/dispatch/connector.ts': "import { buildConnector } from 'undici'\n",
    'src/sdk/transport.ts': 'await fetch(url)',
  },
  'file-names': {
    'src/sdk/index.ts': '',
    'test/schedule/croner.property.test.ts': '',
    'docs/Helpers.md': '',
  },
  'named-exports': { 'src/sdk/index.ts': "export * from './client.ts'", 'src/a/b.ts': '// export default 1' },
  beginning: {
    'src/domain/a.ts': '// A.\n',
    'src/domain/b.ts': "import './a.ts'\n",
    'src/domain/c.ts': '/** C. */',
  },
  'nothing-for-later': { 'src/domain/a.ts': '// todos are what people do', 'docs/a.md': `${'TO'}DO` },
  imports: { 'src/domain/a.ts': importing('./b.ts', 'node:test', 'typebox/value'), 'src/domain/b.ts': '' },
  tests: {
    'test/a.test.ts': "import './contract.ts'\ntest('a', { skip: 'no network' }, () => t.skip('why'))",
    'test/contract.ts': 'assert.equal(1, 1)',
  },
  'machine-paths': {
    'docs/a.md': `GET /v1/${'work'}/lease, https://example.com/${'home'}/ann, ./${'work'}/next, ${'~'}/jobs, /${'var'}/lib/carillon, /${'tmp'}/a`,
  },
  packages: {
    'package.json': '{ "engines": { "node": ">=24.3" }, "dependencies": { "yaml": "1", "@a/b": "1" } }',
    'src/main/a.ts': "const { parse } = await import('yaml')\nimport type { B } from '@a/b/c'",
    'src/main/a.test.ts': importing('fast-check'),
    'package-lock.json':
      '{ "packages": { "": { "hasInstallScript": true }, "b": { "dev": true, "hasInstallScript": true } } }',
  },
  links: {
    'README.md': [
      '[a](docs/a.md#the-3-steps-at-once) [web](https://example.com) [mail](mailto:a@example.com) [dir](docs/)',
      '`[not](a-link.md)`',
      '```md',
      '[nor](this.md)',
      '```',
    ].join('\n'),
    'docs/a.md': '# The 3 steps, *at once*\n\n[back](../README.md) [here](#the-3-steps-at-once)',
  },
  'npm-scripts': {
    'package.json': '{ "scripts": { "check": "a", "test:only": "b" } }',
    'README.md': '`npm run check`, `npm run test:only`, `npm ci`',
  },
  'named-files': {
    'ARCHITECTURE.md': '`domain/plan.ts` and `test/tidy/rules.ts`, `application/json`',
    'src/domain/plan.ts': '',
    'test/tidy/rules.ts': '',
    'docs/a.md': '`anything/else.json`',
  },
}

for (const [rule, tree] of Object.entries(INNOCENT)) {
  test(`${rule} lets the innocent pass`, () => assert.deepEqual(violations(rule, tree), []))
}

test('a circle that closes only through types is told apart', () => {
  const messages = ['src/domain/a.ts', 'src/domain/b.ts'].map((path, n) => {
    const other = n === 0 ? './b.ts' : './a.ts'
    return violations('circles', {
      'src/domain/a.ts': importing('./b.ts'),
      'src/domain/b.ts': path.endsWith('a.ts') ? importing('./a.ts') : `import type { A } from '${other}'`,
    })[0]?.message
  })
  assert.match(
    messages[0]!,
    /^a circle of imports: src\/domain\/a\.ts → src\/domain\/b\.ts → src\/domain\/a\.ts/,
  )
  assert.match(messages[1]!, /^a circle that closes only through type imports/)
})

test('an import list of nothing but types counts as types', () => {
  const [only] = violations('circles', {
    'src/domain/a.ts': "import { type B, type C } from './b.ts'",
    'src/domain/b.ts': importing('./a.ts'),
  })
  assert.match(only!.message, /only through type imports/)
})
