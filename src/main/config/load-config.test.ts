import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Config } from './config.ts'
import type { Environment, Notice } from './given.ts'
import { defaultConfig, type LoadedConfig, loadConfig } from './load-config.ts'
import { envName, fileKey, OPTION_KEYS, OPTIONS } from './options.ts'

type Files = Readonly<Record<string, string | { readonly text: string; readonly mode: number }>>
type Setting = {
  readonly flags?: Readonly<Record<string, string>>
  readonly env?: Environment
  readonly files?: Files
  readonly mode?: 'up' | 'server'
}

function load({ flags = {}, env = {}, files = {}, mode = 'server' }: Setting = {}): Promise<LoadedConfig> {
  return loadConfig({
    flags,
    env,
    mode,
    hostname: 'tower',
    terminal: false,
    readFile: (path) => {
      const file = files[path]
      if (file === undefined) return null
      return typeof file === 'string' ? { text: file, mode: 0o100600 } : file
    },
  })
}

const KEY = 'a-key-of-more-than-24-characters'

test('with nothing said there is nothing wrong', async () => {
  const { config, problems, warnings, origins } = await load()
  assert.deepEqual([problems, warnings], [[], []])
  assert.deepEqual(config.listen, { host: '127.0.0.1', port: 8080 })
  assert.equal(config.dataDir, './data')
  assert.equal(config.nodeName, 'tower')
  assert.equal(config.allowPrivateTargets, false)
  assert.deepEqual(config.callbackRetryDelaysMs, [1_000, 5_000, 30_000])
  assert.ok(Object.values(origins).every((origin) => origin === 'default'))
  assert.ok(Object.isFrozen(config))
})

test('a file of variables is read when it is named, and the environment counts more', async () => {
  const text = [
    '# as another program kept it',
    'CARILLON_SLOTS=7',
    'export CARILLON_RETENTION_DAYS="3" # days',
    "SIMPLE_SCHEDULER_MAX_JOBS='12'",
    'SIMPLE_SCHEDULER_HEARTBEAT_TIMEOUT=4500',
    'SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING=amqp://user:a-password@mq/jobs',
    'PATH=/nowhere',
  ].join('\n')
  const files = { '.env': text }
  const { config, problems, warnings } = await load({ flags: { variables: '.env' }, files })
  assert.deepEqual([problems, warnings], [[], []])
  assert.deepEqual(
    [config.slots, config.retentionDays, config.busJobsMax, config.nodeLeaseMs, config.bus],
    [7, 3, 12, 4_500, 'amqp://user:a-password@mq/jobs'],
  )
  const env = { CARILLON_ENV_FILE: '.env', CARILLON_SLOTS: '9', CARILLON_RETENTION_DAYS: '' }
  const named = (await load({ env, files })).config
  assert.deepEqual([named.slots, named.retentionDays], [9, 3])
  assert.equal((await load({ files })).config.slots, 1024)

  const open = await load({ env, files: { '.env': { text, mode: 0o100644 } } })
  assert.deepEqual(
    open.warnings.map(({ origin, suggestion }) => [origin, suggestion]),
    [['SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING', 'chmod 600 .env']],
  )
  assert.doesNotMatch(JSON.stringify(open.warnings), /a-password/)
  assert.deepEqual((await load({ flags: { variables: 'gone' } })).problems, [
    { origin: '--variables', detail: 'names a file that does not exist: gone' },
  ])
})

test('`up` may call private targets and is quieter', () => {
  const around = { hostname: 'tower', terminal: true, mode: 'up' } as const
  const { allowPrivateTargets, logLevel } = defaultConfig(around)
  assert.deepEqual([allowPrivateTargets, logLevel], [true, 'warn'])
})

test('flag before environment before file before default', async () => {
  const flags = { slots: '1' }
  const env = { CARILLON_SLOTS: '2' }
  const files = { './carillon.yaml': 'slots: 3\n' }
  const all = [
    { setting: { flags, env, files }, slots: 1, origin: '--slots' },
    { setting: { env, files }, slots: 2, origin: 'CARILLON_SLOTS' },
    { setting: { files }, slots: 3, origin: './carillon.yaml: slots' },
    { setting: {}, slots: 1024, origin: 'default' },
  ]
  for (const { setting, slots, origin } of all) {
    const loaded = await load(setting)
    assert.deepEqual([loaded.config.slots, loaded.origins.slots, loaded.problems], [slots, origin, []])
  }
})

test('every option can be set in the environment and in a file, to its default', async () => {
  const around = { hostname: 'tower', terminal: false, mode: 'server' } as const
  const texts = OPTION_KEYS.flatMap((key) => {
    const { name, default: preset } = OPTIONS[key]
    const text = typeof preset === 'function' ? preset(around) : preset
    return text === null || text === '' ? [] : [{ name, text }]
  })
  const env = Object.fromEntries(texts.map(({ name, text }) => [envName(name), text]))
  const yaml = texts.map(({ name, text }) => `${fileKey(name)}: ${JSON.stringify(text)}`).join('\n')
  const expected = defaultConfig(around)
  for (const loaded of [await load({ env }), await load({ files: { './carillon.yaml': yaml } })]) {
    assert.deepEqual(loaded.problems, [])
    assert.deepEqual(loaded.config, expected)
    for (const { name } of texts) {
      const key = OPTION_KEYS.find((one) => OPTIONS[one].name === name) as keyof Config
      assert.notEqual(loaded.origins[key], 'default', `${name} was not read`)
    }
  }
})

test('the first of the usual files is read, a named one instead', async () => {
  const files = {
    '/etc/carillon/carillon.yaml': 'slots: 7',
    './carillon.yaml': 'slots: 8',
    'other.json': '{"slots": 9, "targetsAllow": ["10.0.0.0/8", "localhost"]}',
  }
  assert.equal((await load({ files })).config.slots, 8)
  const named = await load({ files, flags: { config: 'other.json' } })
  assert.deepEqual([named.config.slots, named.file], [9, 'other.json'])
  assert.deepEqual(named.config.targetsAllow, ['10.0.0.0/8', 'localhost'])
  assert.equal((await load({ files, env: { CARILLON_CONFIG: 'other.json' } })).config.slots, 9)
  const { './carillon.yaml': _, ...rest } = files
  assert.equal((await load({ files: rest })).config.slots, 7)
})

type Refused = {
  readonly why: string
  readonly setting: Setting
  readonly says: RegExp
  readonly suggestion?: string
}

const REFUSED: readonly Refused[] = [
  {
    why: 'a port that is none',
    setting: { flags: { listen: '127.0.0.1:70000' } },
    says: /--listen .*port from 0 to 65535/,
  },
  {
    why: 'a port alone',
    setting: { flags: { listen: '8080' } },
    says: /host:port/,
    suggestion: '127.0.0.1:8080',
  },
  {
    why: 'words for a number',
    setting: { env: { CARILLON_SLOTS: 'many' } },
    says: /CARILLON_SLOTS "many" is refused: slots is a whole number/,
  },
  { why: 'too small a number', setting: { env: { CARILLON_SLOTS: '0' } }, says: /from 1 to 65536/ },
  {
    why: 'a number for a duration',
    setting: { flags: { 'drain-timeout': '30' } },
    says: /duration such as/,
    suggestion: '30s',
  },
  { why: 'a duration that is too long', setting: { flags: { 'poll-interval': '2m' } }, says: /10ms to 1m/ },
  {
    why: 'one bad duration of a list',
    setting: { flags: { 'callback-retry-delays': '1s,soon' } },
    says: /"soon" is not a duration/,
  },
  { why: 'a size that is none', setting: { flags: { 'body-limit': 'big' } }, says: /is a size such as/ },
  {
    why: 'a level that is none',
    setting: { env: { CARILLON_LOG_LEVEL: 'loud' } },
    says: /one of trace, debug/,
  },
  {
    why: 'neither true nor false',
    setting: { env: { CARILLON_ALLOW_PRIVATE_TARGETS: 'perhaps' } },
    says: /true or false/,
  },
  {
    why: 'a public address without scheme',
    setting: { flags: { 'public-url': 'carillon.example.com' } },
    says: /--public-url/,
  },
  {
    why: 'an unknown variable',
    setting: { env: { CARILLON_LISTN: 'x' } },
    says: /CARILLON_LISTN is not a variable/,
    suggestion: 'CARILLON_LISTEN',
  },
  {
    why: 'an unknown key',
    setting: { files: { './carillon.yaml': 'data-dir: x' } },
    says: /\.\/carillon\.yaml: data-dir is not an option/,
    suggestion: 'dataDir',
  },
  {
    why: 'a file that is not YAML',
    setting: { files: { './carillon.yaml': 'listen: [1' } },
    says: /carillon\.yaml .*line 1/,
  },
  {
    why: 'a key that stands twice',
    setting: { files: { './carillon.yaml': 'slots: 1\nslots: 2' } },
    says: /unique/,
  },
  { why: 'a file that is a list', setting: { files: { './carillon.yaml': '- 1' } }, says: /must be a map/ },
  {
    why: 'a map for a value',
    setting: { files: { './carillon.yaml': 'listen: {host: x}' } },
    says: /single value/,
  },
  { why: 'a key without value', setting: { files: { './carillon.yaml': 'listen:' } }, says: /has no value/ },
  {
    why: 'a named file that is missing',
    setting: { flags: { config: 'no.yaml' } },
    says: /--config names a file that does not exist: no\.yaml/,
  },
  {
    why: 'a secret file that is missing',
    setting: { env: { CARILLON_ADMIN_KEY_FILE: '/no' } },
    says: /does not exist: \/no/,
  },
  {
    why: 'a secret twice',
    setting: { env: { CARILLON_ADMIN_KEY: KEY, CARILLON_ADMIN_KEY_FILE: '/k' }, files: { '/k': KEY } },
    says: /Set one of them/,
  },
  {
    why: 'a short admin key',
    setting: { env: { CARILLON_ADMIN_KEY: '1234567' } },
    says: /at least 8 characters/,
  },
  {
    why: 'an admin key that no header can carry',
    setting: { env: { CARILLON_ADMIN_KEY: 'schlüssel-und-noch-einer-mehr' } },
    says: /visible ASCII/,
  },
  {
    why: 'listening to all without a key',
    setting: { flags: { listen: '0.0.0.0:8080' } },
    says: /no admin key exists yet/,
  },
  {
    why: 'a block that is none',
    setting: { flags: { 'targets-deny': '10.0.0.0/33' } },
    says: /"10\.0\.0\.0\/33" is not a host name/,
  },
  {
    why: 'a proxy that is no address',
    setting: { flags: { 'trusted-proxies': 'proxy.example.com' } },
    says: /no address such as/,
  },
  {
    why: 'everybody as a proxy',
    setting: { flags: { 'trusted-proxies': '10.0.0.1,::/0' } },
    says: /"::\/0" is everybody/,
  },
  {
    why: 'an address for a target',
    setting: { flags: { 'targets-allow': 'https://x' } },
    says: /is not a host name/,
  },
  {
    why: 'limits that contradict',
    setting: { flags: { 'body-limit': '8MiB', 'batch-body-limit': '4MiB' } },
    says: /smaller than body-limit/,
  },
  {
    why: 'what is overruled but wrong',
    setting: { flags: { slots: '4' }, env: { CARILLON_SLOTS: 'x' } },
    says: /CARILLON_SLOTS/,
  },
  {
    why: 'a data directory without a name',
    setting: { flags: { 'data-dir': ' ' } },
    says: /names no directory/,
  },
]

for (const { why, setting, says, suggestion } of REFUSED) {
  test(`refused: ${why}`, async () => {
    const { problems } = await load(setting)
    assert.equal(problems.length, 1, JSON.stringify(problems))
    assert.match(sentence(problems[0]!), says)
    assert.equal(problems[0]!.suggestion, suggestion)
  })
}

function sentence({ origin, detail }: Notice): string {
  return `${origin} ${detail}`
}

test('all problems come at once', async () => {
  const { problems } = await load({
    flags: { listen: 'x' },
    env: { CARILLON_SLOTS: '-1', CARILLON_NOPE: '1' },
    files: { './carillon.yaml': 'pollInterval: 1\nfoo: 2' },
  })
  assert.equal(problems.length, 5)
})

const FINE: readonly {
  readonly what: string
  readonly setting: Setting
  readonly check: (config: Config) => unknown
}[] = [
  {
    what: 'a variable set to nothing is not set',
    setting: { env: { CARILLON_SLOTS: '' } },
    check: ({ slots }) => assert.equal(slots, 1024),
  },
  {
    what: 'IPv6, any free port',
    setting: { flags: { listen: '[::1]:0' } },
    check: ({ listen }) => assert.deepEqual(listen, { host: '::1', port: 0 }),
  },
  {
    what: 'a name',
    setting: { flags: { listen: 'localhost:1' } },
    check: ({ listen }) => assert.deepEqual(listen, { host: 'localhost', port: 1 }),
  },
  {
    what: 'all of 127',
    setting: { flags: { listen: '127.8.8.8:1' } },
    check: ({ listen }) => assert.equal(listen.host, '127.8.8.8'),
  },
  {
    what: 'sizes with units',
    setting: { flags: { 'body-limit': '64k' } },
    check: ({ bodyLimitBytes }) => assert.equal(bodyLimitBytes, 65_536),
  },
  {
    what: 'an empty list of retries',
    setting: { flags: { 'callback-retry-delays': '' } },
    check: ({ callbackRetryDelaysMs }) => assert.deepEqual(callbackRetryDelaysMs, []),
  },
  {
    what: 'what Kubernetes adds for a service named carillon',
    setting: {
      env: {
        CARILLON_PORT: 'tcp://10.0.0.1:80',
        CARILLON_SERVICE_HOST: '10.0.0.1',
        CARILLON_PORT_80_TCP_ADDR: '10.0.0.1',
      },
    },
    check: ({ slots }) => assert.equal(slots, 1024),
  },
  {
    what: 'the variables of clients',
    setting: { env: { CARILLON_URL: 'x', CARILLON_API_KEY: 'y', CARILLON_DEBUG: '1' } },
    check: ({ slots }) => assert.equal(slots, 1024),
  },
  {
    what: 'beyond loopback with a key',
    setting: { flags: { listen: '0.0.0.0:8080' }, env: { CARILLON_ADMIN_KEY: KEY } },
    check: ({ adminKey }) => assert.equal(adminKey, KEY),
  },
  {
    what: 'beyond loopback with a key made earlier',
    setting: { flags: { listen: '0.0.0.0:8080' }, files: { './data/admin.key': KEY } },
    check: ({ adminKey }) => assert.equal(adminKey, null),
  },
  {
    what: 'a secret from a file, less its line end',
    setting: { flags: { 'admin-key-file': '/k' }, files: { '/k': `${KEY}\n` } },
    check: ({ adminKey }) => assert.equal(adminKey, KEY),
  },
  {
    what: 'a secret file named in the file',
    setting: { files: { './carillon.yaml': 'adminKeyFile: /k', '/k': KEY } },
    check: ({ adminKey }) => assert.equal(adminKey, KEY),
  },
]

for (const { what, setting, check } of FINE) {
  test(`accepted: ${what}`, async () => {
    const { config, problems } = await load(setting)
    assert.deepEqual(problems, [])
    check(config)
  })
}

test('warned of: a short key, a file others can read, private targets beyond loopback', async () => {
  const short = await load({ env: { CARILLON_ADMIN_KEY: 'twelve-chars' } })
  assert.match(short.warnings[0]?.detail ?? '', /short/)
  const open = await load({ files: { './carillon.yaml': { text: `adminKey: ${KEY}`, mode: 0o100644 } } })
  assert.match(open.warnings[0]?.detail ?? '', /read by other users/)
  const wide = await load({
    flags: { listen: '0.0.0.0:1', 'allow-private-targets': 'true' },
    env: { CARILLON_ADMIN_KEY: KEY },
  })
  assert.match(wide.warnings[0]?.detail ?? '', /private network/)
  assert.deepEqual([short.problems, open.problems, wide.problems], [[], [], []])
})

test('a secret is in no problem and no warning', async () => {
  const secret = 'hunter2'
  const { problems, warnings } = await load({ env: { CARILLON_ADMIN_KEY: secret } })
  assert.equal(problems.length, 1)
  assert.ok(!JSON.stringify([problems, warnings]).includes(secret))
})

test('what concerns a door stands below `doors`, nested or in one word', async () => {
  const nested = 'doors:\n  schedule-rs:\n    listen: 127.0.0.1:8081\n    anonymous: true\n'
  const words = 'doors.schedule-rs.listen: 127.0.0.1:8081\ndoors.schedule-rs.anonymous: true\n'
  for (const text of [nested, words]) {
    const { config, problems } = await load({ files: { './carillon.yaml': text } })
    assert.deepEqual(problems, [])
    assert.deepEqual(config.doorScheduleRsListen, { host: '127.0.0.1', port: 8081 })
    assert.equal(config.doorScheduleRsAnonymous, true)
  }
  const wrong = await load({ files: { './carillon.yaml': 'doors: { schedule-rs: { lisen: "x" } }' } })
  assert.deepEqual(
    wrong.problems.map(({ origin, suggestion }) => [origin, suggestion]),
    [['./carillon.yaml: doors.schedule-rs.lisen', 'doors.schedule-rs.listen']],
  )
})

test('a door without keys stays on this machine, and every listener has its own address', async () => {
  const env = {
    CARILLON_DOORS_SCHEDULE_RS_LISTEN: '0.0.0.0:8082',
    CARILLON_DOORS_SCHEDULE_RS_ANONYMOUS: 'true',
    CARILLON_DOORS_SCHEDULER0_LISTEN: '127.0.0.1:8080',
  }
  const { problems } = await load({ env })
  assert.deepEqual(
    problems.map(({ origin }) => origin),
    ['CARILLON_DOORS_SCHEDULE_RS_ANONYMOUS', 'CARILLON_DOORS_SCHEDULER0_LISTEN'],
  )
})

test('the environment of schedule-rs is read, and counts less than what is said to Carillon', async () => {
  const env = {
    SCHEDULERS_DB_PATH: '/srv/schedules',
    SCHEDULERS_RETENTION_POLICY: '14',
    SCHEDULERS_PORT: '9000',
    SCHEDULERS_API_KEY: KEY,
    SCHEDULERS_CALLBACK_TIMEOUT: '7',
    SCHEDULERS_CALLBACK_RETRY_INTERVAL: '1, 5, 30',
    RUST_LOG: 'info',
  }
  const { config, origins, problems } = await load({ env, files: { './carillon.yaml': 'dataDir: ./mine' } })
  assert.deepEqual(problems, [])
  assert.equal(config.dataDir, './mine')
  assert.equal(config.retentionDays, 14)
  assert.deepEqual(config.doorScheduleRsListen, { host: '127.0.0.1', port: 9000 })
  assert.equal(config.doorScheduleRsKey, KEY)
  assert.equal(config.callbackTimeoutMs, 7_000)
  assert.deepEqual(config.callbackRetryDelaysMs, [1_000, 5_000, 30_000])
  assert.equal(origins.retentionDays, 'SCHEDULERS_RETENTION_POLICY')
  const suffixed = await load({
    env: { SCHEDULERS_CALLBACK_RETRY_INTERVAL: '2s,1m', SCHEDULERS_RETENTION_POLICY: '10m' },
  })
  assert.deepEqual(suffixed.config.callbackRetryDelaysMs, [2_000, 60_000])
  assert.equal(suffixed.config.retentionDays, 1)
  const wrong = await load({ env: { SCHEDULERS_CALLBACK_TIMEOUT: 'soon' } })
  assert.deepEqual(
    wrong.problems.map(({ origin }) => origin),
    ['SCHEDULERS_CALLBACK_TIMEOUT'],
  )
})

test('the environment of Simple Scheduler is read: its durations are milliseconds', async () => {
  // As its services ship it.
  const shipped = {
    SIMPLE_SCHEDULER_MAX_JOBS: '0',
    SIMPLE_SCHEDULER_DB_TYPE: 'mongodb',
    SIMPLE_SCHEDULER_MESSAGEBUS_TYPE: 'rabbitmq',
    SIMPLE_SCHEDULER_DB_CONNECTION_STRING: 'mongodb://localhost:27017',
    SIMPLE_SCHEDULER_DB_NAME: 'simpleScheduler',
    SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING: 'amqp://guest:guest@localhost:5672/',
    SIMPLE_SCHEDULER_CLEANUP_INTERVAL: '60000',
    SIMPLE_SCHEDULER_CACHE_REFRESH_INTERVAL: '300000',
    SIMPLE_SCHEDULER_HEARTBEAT_INTERVAL: '1000',
    SIMPLE_SCHEDULER_HEARTBEAT_TIMEOUT: '3000',
    SIMPLE_SCHEDULER_API_URL: ':8081',
    SIMPLE_SCHEDULER_OIDC_ISSUER: 'http://localhost:8080/realms/simple-scheduler',
  }
  const { config, problems, origins } = await load({ env: shipped })
  assert.deepEqual(problems, [])
  assert.deepEqual(
    [config.busCleanupMs, config.busRefreshMs, config.nodeHeartbeatMs, config.nodeLeaseMs, config.busJobsMax],
    [60_000, 300_000, 1_000, 3_000, 0],
  )
  assert.equal(config.bus, 'amqp://guest:guest@localhost:5672/')
  assert.deepEqual(config.doorSimpleSchedulerListen, { host: '127.0.0.1', port: 8_081 })
  const [trusted] = config.oidc
  assert.deepEqual(
    [trusted?.issuer, trusted?.grants[0]?.scopesFrom, trusted?.grants[0]?.projects],
    ['http://localhost:8080/realms/simple-scheduler', 'scope', ['simple-scheduler']],
  )
  assert.equal(origins.nodeLeaseMs, 'SIMPLE_SCHEDULER_HEARTBEAT_TIMEOUT')
  const wrong = await load({
    env: {
      SIMPLE_SCHEDULER_HEARTBEAT_INTERVAL: '2000',
      SIMPLE_SCHEDULER_HEARTBEAT_TIMEOUT: '3000',
      SIMPLE_SCHEDULER_CLEANUP_INTERVAL: 'often',
      SIMPLE_SCHEDULER_MAX_JOBS: '-1',
      SIMPLE_SCHEDULER_MESSAGEBUS_TYPE: 'kafka',
    },
  })
  assert.deepEqual(wrong.problems.map(({ origin }) => origin).sort(), [
    'SIMPLE_SCHEDULER_CLEANUP_INTERVAL',
    'SIMPLE_SCHEDULER_HEARTBEAT_INTERVAL',
    'SIMPLE_SCHEDULER_MAX_JOBS',
    'SIMPLE_SCHEDULER_MESSAGEBUS_TYPE',
  ])
  const alone = await load({ env: { SIMPLE_SCHEDULER_HEARTBEAT_TIMEOUT: '3000' } })
  assert.deepEqual([alone.problems, alone.config.nodeHeartbeatMs], [[], null])
})

test('the environment of scheduler0 is read, also what has no other form of its name', async () => {
  const { config, problems } = await load({
    env: {
      SCHEDULER0_LOGLEVEL: 'DEBUG',
      SCHEDULER0_HOST: '127.0.0.1',
      SCHEDULER0_PORT: '9091',
      SCHEDULER0_MAX_MEMORY: '5000',
      SCHEDULER0_JOB_EXECUTION_TIMEOUT: '30',
      SCHEDULER0_JOB_EXECUTION_RETRY_DELAY: '1',
      SCHEDULER0_JOB_EXECUTION_RETRY_MAX: '10',
      SCHEDULER0_HTTP_EXECUTOR_PAYLOAD_MAX_SIZE_MB: '2',
      // Of its cluster, and of no program any more.
      SCHEDULER0_RAFT_ADDRESS: '127.0.0.1:7071',
      SCHEDULER0_REPLICAS: '[{"address":"http://127.0.0.1:9091","raft_address":"127.0.0.1:7071","nodeId":1}]',
      SCHEDULER0_JOB_QUEUE_DEBOUNCE_DELAY: '1',
    },
  })
  assert.deepEqual(problems, [])
  assert.deepEqual(
    [config.logLevel, config.doorScheduler0Listen, config.memoryLimitBytes],
    ['debug', { host: '127.0.0.1', port: 9_091 }, 5_000 * 1_024 * 1_024],
  )
  assert.deepEqual(
    [
      config.doorScheduler0TimeoutMs,
      config.doorScheduler0RetryDelayMs,
      config.doorScheduler0RetryMax,
      config.doorScheduler0PayloadBytes,
    ],
    [30_000, 1_000, 10, 2 * 1_024 * 1_024],
  )
  const wrong = await load({ env: { SCHEDULER0_LOGLEVEL: 'LOUD', SCHEDULER0_JOB_EXECUTION_TIMEOUT: 'x' } })
  assert.deepEqual(wrong.problems.map(({ origin }) => origin).sort(), [
    'SCHEDULER0_JOB_EXECUTION_TIMEOUT',
    'SCHEDULER0_LOGLEVEL',
  ])
})

test('AVAILABLE_SERVERS are the agents of taskscheduler, each an address', async () => {
  const env = {
    AVAILABLE_SERVERS: 'http://localhost:8081,http://localhost:8082',
    PORT: '7',
    REDIS_ADDRESS: 'x',
  }
  const { config, problems } = await load({ env })
  assert.deepEqual(problems, [])
  assert.deepEqual(config.doorTaskschedulerAgents, ['http://localhost:8081', 'http://localhost:8082'])
  assert.equal(config.doorTaskschedulerListen, null)
  const wrong = await load({ env: { AVAILABLE_SERVERS: 'localhost:8081,http://ok:1,ftp://x,http://y/?z' } })
  assert.deepEqual(
    wrong.problems.map(({ origin }) => origin),
    ['AVAILABLE_SERVERS', 'AVAILABLE_SERVERS', 'AVAILABLE_SERVERS'],
  )
})

const APP_TOML = `
[database]            # a MongoDB: means nothing here
username = "u"
password = "hush"
cluster_url = "cluster0.example.mongodb.net"

[minio]
username = 'minio # no comment'
password = "min\\"io"   # a comment
host = "http://127.0.0.1:9000"
`

test('the app.toml of dcron says where its scripts are, and with which keys', async () => {
  const env = { CARILLON_DOORS_DCRON_LISTEN: '[::1]:50051' }
  const files = { 'app.toml': APP_TOML, '/etc/dcron.toml': '[minio]\nhost = "minio:9000"\n' }
  const { config, problems, origins } = await load({ env, files })
  assert.deepEqual(problems, [])
  assert.deepEqual(
    [config.doorDcronScripts, config.doorDcronScriptsAccessKey, config.doorDcronScriptsSecretKey],
    ['s3://rust-s3?endpoint=http%3A%2F%2F127.0.0.1%3A9000', 'minio # no comment', 'min"io'],
  )
  assert.equal(origins.doorDcronScripts, 'app.toml: minio.host')
  const named = await load({ env: { ...env, DCRON_CONFIG: '/etc/dcron.toml' }, files })
  assert.equal(named.config.doorDcronScripts, 's3://rust-s3?endpoint=http%3A%2F%2Fminio%3A9000')
  // What is said to Carillon counts more; where nobody listens for dcron the file is somebody else's.
  const said = await load({ env: { ...env, CARILLON_DOORS_DCRON_SCRIPTS: './scripts' }, files })
  assert.equal(said.config.doorDcronScripts, './scripts')
  assert.equal((await load({ files })).config.doorDcronScripts, null)

  const wrong = await load({
    env: { DCRON_CONFIG: 'bad.toml' },
    files: { 'bad.toml': '[minio\nhost = 7\n[minio]\nusername = \nhost = """x"""\npassword="p"' },
  })
  assert.deepEqual(
    wrong.problems.map(({ origin }) => origin),
    ['bad.toml, line 1', 'bad.toml, line 4', 'bad.toml, line 5', 'bad.toml: minio.password'],
  )
  const missing = await load({ env: { DCRON_CONFIG: 'none.toml' } })
  assert.deepEqual(
    missing.problems.map(({ origin }) => origin),
    ['none.toml'],
  )
})

test('dcron has its listener, and where its scripts are', async () => {
  const text =
    'doors:\n  dcron:\n    listen: "[::1]:50051"\n    anonymous: true\n    scripts: s3://rust-s3?endpoint=http://127.0.0.1:9000\n'
  const { config, problems } = await load({ files: { './carillon.yaml': text } })
  assert.deepEqual(problems, [])
  assert.deepEqual(config.doorDcronListen, { host: '::1', port: 50_051 })
  assert.equal(config.doorDcronScripts, 's3://rust-s3?endpoint=http://127.0.0.1:9000')
  const open = await load({
    files: { './carillon.yaml': 'doors: { dcron: { listen: "0.0.0.0:50051", anonymous: true } }' },
  })
  assert.deepEqual(
    open.problems.map(({ origin }) => origin),
    ['./carillon.yaml: doors.dcron.anonymous'],
  )
})
