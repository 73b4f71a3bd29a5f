// Builds the page into dist/page/. With --if-stale only when something it is made of has changed, and quietly not at all
// where the build tools are not installed (an installation without development tools).

import { createHash } from 'node:crypto'
import { existsSync, globSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const OUT = join(ROOT, 'dist/page')
const MARK = 'made-of.txt'
const INPUTS = [
  'ui/**/*',
  'src/sdk/**/*.ts',
  'src/protocol/**/*.ts',
  'package-lock.json',
  'scripts/*page*.ts',
]
const COMPRESSED = new Set(['.html', '.js', '.css', '.svg', '.webmanifest'])

const ifStale = process.argv.includes('--if-stale')
const madeOf = fingerprint()

if (ifStale && isFresh()) process.exitCode = 0
else if (existsSync(join(ROOT, 'node_modules/vite'))) await build()
else if (ifStale) process.stderr.write('the page is not built: vite is not installed (npm ci brings it)\n')
else throw new Error('vite is not installed; npm ci brings it')

async function build(): Promise<void> {
  const aside = `${OUT}.${process.pid}`
  const { build: viteBuild } = await import('vite')
  const { PAGE_CONFIG } = await import('./page-config.ts')
  await viteBuild({ ...PAGE_CONFIG, build: { ...PAGE_CONFIG.build, outDir: aside, emptyOutDir: true } })
  for (const name of readdirSync(aside, { recursive: true, encoding: 'utf8' })) compress(join(aside, name))
  writeFileSync(join(aside, MARK), madeOf)
  // Another build may have been faster; either result is whole.
  rmSync(OUT, { recursive: true, force: true })
  try {
    renameSync(aside, OUT)
  } catch {
    rmSync(aside, { recursive: true, force: true })
  }
}

function compress(path: string): void {
  if (!COMPRESSED.has(extname(path))) return
  const bytes = readFileSync(path)
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  const hint = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: hint }))
}

function isFresh(): boolean {
  return existsSync(join(OUT, MARK)) && readFileSync(join(OUT, MARK), 'utf8') === madeOf
}

function fingerprint(): string {
  const hash = createHash('sha256')
  const files = INPUTS.flatMap((pattern) => globSync(pattern, { cwd: ROOT, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  for (const path of files.sort()) hash.update(`${path.slice(ROOT.length)}\0`).update(readFileSync(path))
  return hash.digest('hex')
}
