import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Target } from '../domain/target.ts'
import type { Work } from '../ports/work.ts'
import { type LocalPolicy, refusedBy } from './local-policy.ts'

const work = (target: Target): Work => ({ spec: { target } }) as Work
const command = (more: object = {}): Work =>
  work({ command: { argv: ['/bin/backup', 'x'], ...more } as never })
const shell = (): Work => work({ command: { shell: 'x' } })
const script = (interpreter = 'python3', env = {}): Work =>
  work({ script: { sha256: 'a', interpreter, env } })

const ROWS: readonly (readonly [what: string, policy: LocalPolicy, work: Work, refused: RegExp | null])[] = [
  ['nothing is said', {}, command(), null],
  ['commands are off', { commands: false }, command(), /commands are off/],
  ['commands are off, scripts are not', { commands: false }, script(), null],
  ['scripts are off', { scripts: false }, script(), /scripts are off/],
  ['shells are off', { shell: false }, shell(), /shell are off/],
  ['shells are off, commands are not', { shell: false }, command(), null],
  ['an allowed program', { programs: ['/bin/backup'] }, command(), null],
  ['another program', { programs: ['/bin/backup2'] }, command(), /"\/bin\/backup" is not allowed/],
  ['a shell starts anything', { programs: ['/bin/backup'] }, shell(), /no lines for a shell/],
  ['a program by its name', { programs: ['backup'] }, command({ argv: ['backup'] }), null],
  [
    'a program by its name, looked for elsewhere',
    { programs: ['backup'] },
    command({ argv: ['backup'], env: { PATH: '/tmp/x' } }),
    /no PATH of the job's own/,
  ],
  ['a path needs no PATH', { programs: ['/bin/backup'] }, command({ env: { PATH: '/tmp/x' } }), null],
  ...[
    'PERL5OPT',
    'PYTHONWARNINGS',
    'RUBYOPT',
    'JAVA_TOOL_OPTIONS',
    'GIT_SSH_COMMAND',
    'PS4',
    'GOFLAGS',
    'PSQL_PAGER',
  ].map((name): (typeof ROWS)[number] => [
    `an allowed program that ${name} has load something else`,
    { programs: ['/bin/backup'] },
    command({ env: { [name]: 'x' } }),
    /has them carry out something else/,
  ]),
  [
    'its own variables',
    { programs: ['/bin/backup'] },
    command({ env: { BACKUP_TO: 'x', LANG: 'C', NODE_ENV: 'x', PYTHONUNBUFFERED: '1' } }),
    null,
  ],
  ['a variable that loads, any program', {}, command({ env: { PERL5OPT: 'x' } }), null],
  ['any program', {}, command({ argv: ['backup'], env: { PATH: '/tmp/x' } }), null],
  ['what is loaded before it', {}, command({ env: { LD_PRELOAD: '/tmp/x' } }), /"LD_PRELOAD" is not a job's/],
  ['what a shell reads before it', {}, script('bash', { BASH_ENV: '/tmp/x' }), /"BASH_ENV" is not a job's/],
  ['another user, none named', {}, command({ user: 'root' }), /user "root" is not allowed/],
  ['an allowed user', { users: ['backup'] }, command({ user: 'backup' }), null],
  ['an allowed interpreter', { interpreters: ['bash', 'python3'] }, script(), null],
  ['another interpreter', { interpreters: ['bash'] }, script(), /interpreter "python3"/],
  [
    'an interpreter by its name, looked for elsewhere',
    { interpreters: ['python3'] },
    script('python3', { PATH: '/tmp/x' }),
    /no PATH of the job's own/,
  ],
  ['a directory below', { directories: ['/srv/'] }, command({ cwd: '/srv/a' }), null],
  ['the directory itself', { directories: ['/srv'] }, command({ cwd: '/srv' }), null],
  ['one that only begins alike', { directories: ['/srv'] }, command({ cwd: '/srv2' }), /directory "\/srv2"/],
  ['one that climbs out', { directories: ['/srv'] }, command({ cwd: '/srv/../etc' }), /not allowed/],
  ['a call', {}, work({ http: { url: 'http://a/' } }), /commands and scripts only/],
]

for (const [what, policy, asked, refused] of ROWS) {
  test(what, () => {
    const reason = refusedBy(policy, asked)
    if (refused === null) assert.equal(reason, null)
    else assert.match(reason ?? '', refused)
  })
}
