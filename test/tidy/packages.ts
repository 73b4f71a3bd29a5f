// Few packages, each one used, none that runs code when it is installed.

import { isTest, sourcesOf } from './sources.ts'
import { lineAt, type Rule, type TreeFile, type Violation } from './violation.ts'

export const RUNTIME_PACKAGES_MAX = 120
const NODE_MIN = 24
const NAME = 'packages'

type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly engines?: { readonly node?: string }
}

type Lockfile = {
  readonly packages?: Readonly<
    Record<string, { dev?: boolean; devOptional?: boolean; hasInstallScript?: boolean }>
  >
}

export const packageRule: Rule = {
  name: NAME,
  check(files) {
    const manifest = files.find(({ path }) => path === 'package.json')
    const lockfile = files.find(({ path }) => path === 'package-lock.json')
    return [
      ...(manifest === undefined ? [] : [...used(manifest, files), ...engine(manifest)]),
      ...(lockfile === undefined ? [] : locked(lockfile)),
    ]
  },
}

function used(manifest: TreeFile, files: readonly TreeFile[]): Violation[] {
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(manifest.text) as Manifest
  const declared = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies)])
  const sources = sourcesOf(files, /^src\//).filter(({ path }) => !isTest(path))
  const imports = sources.flatMap(({ path, imports }) =>
    imports.flatMap(({ target, line }) =>
      target.kind === 'package' && !target.name.startsWith('node:')
        ? [{ path, line, name: target.name }]
        : [],
    ),
  )
  const names = new Set(imports.map(({ name }) => name))
  return [
    ...Object.keys(dependencies)
      .filter((name) => !names.has(name))
      .map((name) =>
        inManifest(manifest, `"${name}"`, `no file of src imports ${name}. Remove it: npm uninstall ${name}`),
      ),
    ...imports
      .filter(({ name }) => !declared.has(name))
      .map(({ path, line, name }) => ({
        path,
        line,
        rule: NAME,
        message: `${name} is no dependency in package.json, so an installed package would not have it.`,
      })),
  ]
}

function engine(manifest: TreeFile): Violation[] {
  const range = (JSON.parse(manifest.text) as Manifest).engines?.node ?? ''
  const floor = /^>=\s*(\d+)/.exec(range)
  if (floor !== null && Number(floor[1]) >= NODE_MIN) return []
  return [inManifest(manifest, '"engines"', `engines.node is "${range}"; write ">=${NODE_MIN}".`)]
}

/** Everything an installation without development tools has. */
function locked(lockfile: TreeFile): Violation[] {
  const { packages = {} } = JSON.parse(lockfile.text) as Lockfile
  const runtime = Object.entries(packages).filter(
    ([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional,
  )
  const scripts = runtime.filter(([, { hasInstallScript }]) => hasInstallScript)
  const count = runtime.length
  return [
    ...(count <= RUNTIME_PACKAGES_MAX
      ? []
      : [inManifest(lockfile, '"packages"', `${count} runtime packages; at most ${RUNTIME_PACKAGES_MAX}.`)]),
    ...scripts.map(([path]) =>
      inManifest(lockfile, `"${path}"`, `${path} runs a script when it is installed. Use another package.`),
    ),
  ]
}

function inManifest(file: TreeFile, text: string, message: string): Violation {
  return { path: file.path, line: lineAt(file.text, file.text.indexOf(text)), rule: NAME, message }
}
