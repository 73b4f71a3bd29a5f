// The types of the .proto files, as buf and protoc-gen-es make them, in the format and under the names of this house.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TOOLS = join(ROOT, 'node_modules', '.bin')

/** What buf writes, and what it is called here. */
const NAMES = { 'dcron_pb.ts': 'dcron.ts' } as const
export const GENERATED_FILES = Object.values(NAMES)

export function generateProto(folder: string): void {
  const made = mkdtempSync(join(tmpdir(), 'carillon-proto-'))
  try {
    tool('buf', ['generate', 'proto', '--template', 'proto/generate.yaml', '--output', made])
    for (const [from, to] of Object.entries(NAMES)) {
      const text = readFileSync(join(made, from), 'utf8')
      const formatted = tool('biome', ['check', '--write', `--stdin-file-path=src/protocol/${to}`], text)
      writeFileSync(join(folder, to), formatted)
    }
  } finally {
    rmSync(made, { recursive: true })
  }
}

function tool(name: string, args: readonly string[], input = ''): string {
  // buf finds the plugin there too.
  const PATH = `${TOOLS}${delimiter}${process.env['PATH'] ?? ''}`
  return execFileSync(join(TOOLS, name), args, {
    cwd: ROOT,
    env: { ...process.env, PATH },
    encoding: 'utf8',
    input,
    maxBuffer: 64 * 1_048_576,
  })
}
