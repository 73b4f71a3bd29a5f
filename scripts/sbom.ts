// npm run sbom: the bill of materials of what an installation has, CycloneDX on standard output. `npm sbom --omit=dev` leaves
// out packages that development tools ask for too; so it is asked for all, and the lockfile says which stay.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

type Component = { readonly 'bom-ref': string; readonly name: string; readonly version: string }
type Bill = {
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}
type Lockfile = {
  readonly name: string
  readonly packages: Readonly<
    Record<string, { readonly version: string; readonly dev?: boolean; readonly devOptional?: boolean }>
  >
}

const { stdout, stderr, status } = spawnSync(
  'npm',
  ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'],
  {
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
    shell: process.platform === 'win32',
  },
)
if (status !== 0) {
  console.error(stderr)
  process.exitCode = 1
} else {
  const lockfile = JSON.parse(
    readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
  ) as Lockfile
  console.log(JSON.stringify(ofInstallation(JSON.parse(stdout) as Bill, lockfile), null, 2))
}

function ofInstallation(bill: Bill, { name, packages }: Lockfile): Bill {
  const kept = new Set(
    Object.entries(packages)
      .filter(([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true)
      .map(([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`),
  )
  const components = bill.components.filter((one) => kept.has(`${one.name}@${one.version}`))
  const root = bill.metadata.component['bom-ref']
  const refs = new Set([root, ...components.map((one) => one['bom-ref'])])
  const dependencies = bill.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map((one) => ({ ...one, dependsOn: one.dependsOn.filter((ref) => refs.has(ref)) }))
  // The folder it was made in is nobody's business.
  const metadata = { ...bill.metadata, component: { ...bill.metadata.component, name } }
  return { ...bill, metadata, components, dependencies }
}
