// The bill of materials names every package that an installation has, and nothing that only developers have.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { RUNTIME_PACKAGES_MAX } from '../tidy/packages.ts'

type Entry = {
  readonly version?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly hasInstallScript?: boolean
}
type Component = { readonly name: string; readonly version: string; readonly purl: string }

const ROOT = new URL('../../', import.meta.url)
const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', ROOT), 'utf8')) as {
  packages: Record<string, Entry>
}
const runtime = Object.entries(packages).filter(
  ([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true,
)
const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

test('few packages at run time, none with a script of its own', (t) => {
  t.diagnostic(`${runtime.length} packages at run time`)
  assert.ok(runtime.length > 0 && runtime.length <= RUNTIME_PACKAGES_MAX)
  assert.deepEqual(
    runtime.filter(([, { hasInstallScript }]) => hasInstallScript === true),
    [],
  )
})

test('npm run sbom lists each of them with its version', () => {
  const { stdout, status, stderr } = spawnSync('npm', ['run', '-s', 'sbom'], {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  assert.equal(status, 0, stderr)
  const sbom = JSON.parse(stdout) as { bomFormat: string; specVersion: string; components: Component[] }
  assert.equal(sbom.bomFormat, 'CycloneDX')
  const listed = new Set(sbom.components.map(({ name, version }) => `${name}@${version}`))
  const missing = runtime
    .map(([path, { version }]) => `${nameOf(path)}@${version}`)
    .filter((name) => !listed.has(name))
  assert.deepEqual(missing, [])
  const wanted = new Set(runtime.map(([path]) => nameOf(path)))
  assert.deepEqual(
    sbom.components.filter(({ name }) => !wanted.has(name)).map(({ name }) => name),
    [],
  )
  for (const { purl } of sbom.components) assert.match(purl, /^pkg:npm\//)
})
