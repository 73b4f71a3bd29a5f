// The compiler moves no SQL: puts the migrations beside the compiled store.

import { cpSync } from 'node:fs'

const from = new URL('../src/adapters/sqlite/migrations/', import.meta.url)
const to = new URL('../dist/adapters/sqlite/migrations/', import.meta.url)
cpSync(from, to, { recursive: true })
