// Every file that can open a connection, or hands one who can the right to, and why it may. What stands here as a guarded way
// is asked for every forbidden address by test/dispatch/ways-out.test.ts; a file that is not listed is a violation.

import { isTest, type Source, sourcesOf } from './sources.ts'
import { lineAt, type Rule, type Violation } from './violation.ts'

/** Ways that jobs, callbacks or the server's own services take to an address that somebody wrote down. */
export const GUARDED_WAYS = [
  'http',
  'http with the end told later',
  'batch',
  'redirect of a job',
  'redirect of a batch',
  'callback',
  'redirect of a callback',
  'blobs',
  'redirect of blobs',
  'scripts of dcron',
  'agents of taskscheduler',
  'service',
  'redirect of a service',
  'issuer of tokens',
] as const
export type GuardedWay = (typeof GUARDED_WAYS)[number]

type Listed =
  | { readonly ways: readonly GuardedWay[] }
  /** It opens none itself, or only where nobody but the operator has a say. */
  | { readonly because: string }

const CALLS = [
  'http',
  'http with the end told later',
  'batch',
  'redirect of a job',
  'redirect of a batch',
] as const
const SERVICES = [
  'service',
  'redirect of a service',
  'blobs',
  'redirect of blobs',
  'scripts of dcron',
  'issuer of tokens',
] as const

export const LISTED: Readonly<Record<string, Listed>> = {
  'src/dispatch/http-dispatcher.ts': { ways: [...CALLS, 'agents of taskscheduler'] },
  'src/dispatch/callback-notifier.ts': { ways: ['callback', 'redirect of a callback'] },
  'src/dispatch/guarded-fetch.ts': { ways: SERVICES },
  'src/dispatch/http-sender.ts': { because: 'it is what both of them send with, and takes a guard' },
  'src/dispatch/connector.ts': { because: 'it is where the guard judges' },
  'src/dispatch/lane.ts': { because: 'it is given a connector that judges' },
  'src/dispatch/address-guard.ts': { because: 'it asks the name service and judges each answer' },
  'src/dispatch/project-guards.ts': { because: 'it makes the guard of each project' },
  'src/main/server.ts': { because: 'it makes the guards of this server' },
  'src/main/http-thread-work.ts': { because: 'it makes the guard of the thread that sends' },
  'src/main/taskscheduler-agent.ts': {
    because:
      'an agent that speaks with the one server its owner has named; jobs have no say in where that is',
  },
  'src/main/blobs.ts': { because: 'it hands the guarded fetch on' },
  'src/adapters/oidc/issuer-keys.ts': { because: 'what asks the issuer is handed in' },
  'src/adapters/oidc/login-issuers.ts': { because: 'what asks the issuer is handed in' },
  'src/adapters/oidc/token-mint.ts': { because: 'it only signs' },
  'src/adapters/oidc/trusted-issuers.ts': { because: 'it only checks signatures' },
  'src/adapters/s3/s3-requests.ts': { because: 'it signs; what sends is handed in' },
  'src/adapters/amqp/link.ts': { because: 'the one broker the operator has named' },
  'src/adapters/postgres/connection.ts': { because: 'the one database the operator has named' },
  'src/cli/login/issuer-client.ts': {
    because: 'a person at their own terminal, who goes to the issuer their server names',
  },
  'src/sdk/transport.ts': { because: 'a client in a foreign process: it calls its own server' },
  'src/sdk/worker/worker.ts': { because: 'a worker in a foreign process: it dials its own broker' },
  'src/cli/simple-scheduler/api.ts': { because: 'a command line: it asks the one API a person has named' },
  'src/cli/simple-scheduler/log-in.ts': {
    because: 'a command line: it asks the one provider a person has named',
  },
  'src/agent/taskscheduler/task-listener.ts': { because: 'it listens' },
  'src/cli/login/answer-by-browser.ts': { because: 'a command line: it listens for a browser' },
  'src/doors/http2/grpc-listener.ts': { because: 'it listens' },
  'src/doors/http/close-in-time.ts': { because: 'it closes what others have opened' },
  'src/dispatch/process/output-pipes.ts': { because: 'sockets here are the ends of pipes' },
  'src/dispatch/exchange-outcome.ts': { because: 'only the names of statuses' },
}

/** What opens connections. Of node:net only the names that do: telling addresses apart opens none. */
const OPENERS =
  /^(?:undici|amqplib|pg|aws4fetch|ws|jose|openid-client|@connectrpc\/connect-node|@connectrpc\/connect-web|@grpc\/grpc-js|node:(?:https?|http2|tls|dns|dns\/promises|dgram|inspector|net))$/
const HARMLESS = new Set(['isIP', 'isIPv4', 'isIPv6', 'BlockList'])
const CLIENTS =
  /^src\/dispatch\/(?:http-sender|connector|guarded-fetch|address-guard|project-guards)\.ts$|^src\/adapters\/s3\/s3-blob-store\.ts$/
const GLOBALS = /(?<![.\w#])(?:globalThis\.)?(?:fetch\s*\(|new\s+(?:WebSocket|EventSource)\b)/g
const NAME = 'ways-out'

export const waysOutRule: Rule = {
  name: NAME,
  check: (files) => {
    const sources = sourcesOf(files, /^src\//).filter(({ path }) => !isTest(path))
    const found = sources.flatMap((source) => opened(source))
    const paths = new Set(found.map(({ path }) => path))
    const gone = Object.keys(LISTED).filter((path) => sources.length > 100 && !paths.has(path))
    return [
      ...found.filter(({ path }) => !Object.hasOwn(LISTED, path)),
      ...gone.map((path) => ({
        path: 'test/tidy/ways-out.ts',
        line: 1,
        rule: NAME,
        message: `${path} is listed and opens nothing. Take it out of the list.`,
      })),
    ]
  },
}

function opened(source: Source): Violation[] {
  const imports = source.imports
    .filter(({ typeOnly }) => !typeOnly)
    .filter(({ target, offset }) =>
      target.kind === 'file'
        ? CLIENTS.test(target.path)
        : OPENERS.test(target.name) && !isHarmless(source, offset),
    )
    .map(({ line, specifier }) => violation(source, line, specifier))
  const calls = [...source.code.matchAll(GLOBALS)].map((match) =>
    violation(source, lineAt(source.text, match.index), match[0]),
  )
  return [...imports, ...calls]
}

function isHarmless({ code }: Source, offset: number): boolean {
  const names = /^import\s*\{([^}]*)\}/.exec(code.slice(offset))?.[1]?.split(',') ?? ['*']
  return names
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .every((name) => HARMLESS.has(name))
}

function violation({ path }: Source, line: number, what: string): Violation {
  const message = `${what} opens connections. Send through dispatch/, behind the address guard, and list the file and its ways in test/tidy/ways-out.ts.`
  return { path, line, rule: NAME, message }
}
