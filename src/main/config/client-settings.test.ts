import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientSettings } from './client-settings.ts'

const files: Readonly<Record<string, string>> = { './data/admin.key': 'crl_disk\n', '/run/key': 'crl_file\n' }
const readFile = (path: string) => (files[path] === undefined ? null : { text: files[path], mode: 0o600 })

test('flag before environment before the key file of a server here', () => {
  const env = { CARILLON_URL: 'https://there.example.com/', CARILLON_API_KEY: 'crl_env' }
  const flags = { url: 'http://localhost:1', apiKey: 'crl_flag' }
  const all = clientSettings({ flags, env, readFile })
  assert.deepEqual([all.url, all.apiKey, all.apiKeyOrigin], ['http://localhost:1', 'crl_flag', '--api-key'])
  const fromEnv = clientSettings({ flags: {}, env, readFile })
  assert.deepEqual([fromEnv.url, fromEnv.apiKey], ['https://there.example.com', 'crl_env'])
  const file = clientSettings({ flags: {}, env: { CARILLON_API_KEY_FILE: '/run/key' }, readFile })
  assert.equal(file.apiKey, 'crl_file')
  const disk = clientSettings({ flags: {}, env: {}, readFile })
  assert.deepEqual(disk, {
    url: 'http://127.0.0.1:8080',
    urlOrigin: 'default',
    apiKey: 'crl_disk',
    apiKeyOrigin: './data/admin.key',
  })
})

test('the key that lies here is never sent to another machine', () => {
  for (const url of ['https://there.example.com', 'http://10.0.0.1:8080', 'http://127.0.0.1.example.com']) {
    assert.equal(clientSettings({ flags: { url }, env: {}, readFile }).apiKey, null, url)
  }
  for (const url of ['http://localhost:9', 'http://[::1]:9', 'http://127.0.0.2:9']) {
    assert.equal(clientSettings({ flags: { url }, env: {}, readFile }).apiKey, 'crl_disk', url)
  }
})

test('an address that is none, and a key file that is not there, are said', () => {
  assert.throws(
    () => clientSettings({ flags: { url: 'localhost:8080' }, env: {}, readFile }),
    /--url "localhost:8080"/,
  )
  const env = { CARILLON_API_KEY_FILE: '/none' }
  assert.throws(() => clientSettings({ flags: {}, env, readFile }), /CARILLON_API_KEY_FILE names a file/)
})

test('whoever is signed in counts at their server alone, and less than a key that is named', () => {
  const url = 'https://there.example.com'
  const login = { issuer: 'https://login.example.com', clientId: 'c', accessToken: 'at' }
  const home = { '/config/carillon/logins.json': JSON.stringify({ [url]: login }) }
  const reading = (path: string) =>
    Object.hasOwn(home, path) ? { text: home[path as keyof typeof home], mode: 0o600 } : readFile(path)
  const at = (flags: { url?: string; apiKey?: string }) =>
    clientSettings({ flags, env: { XDG_CONFIG_HOME: '/config' }, readFile: reading })
  assert.deepEqual(at({ url: `${url}/` }).login, login)
  assert.equal(at({ url: `${url}/` }).apiKey, null)
  assert.equal(at({ url, apiKey: 'crl_flag' }).login, undefined)
  for (const other of [
    'https://there.example.com.evil.example',
    'http://there.example.com',
    'http://127.0.0.1:8080',
  ])
    assert.equal(at({ url: other }).login, undefined, other)
})
