#!/usr/bin/env node
// Starts the command line from the sources in a clone, from the compiled files in an installed package.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { inLittleRoom } from './little-room.js'

const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(
    `carillon needs Node.js 24 or newer, this is ${process.version}. ` +
      'In a clone, `npm ci` brings its own: use `npx carillon …` or `npm start`.\n',
  )
  process.exitCode = 78
} else {
  inLittleRoom()
  module.enableCompileCache()
  const sources = new URL('../src/cli/main.ts', import.meta.url)
  const compiled = new URL('../dist/cli/main.js', import.meta.url)
  await import(existsSync(sources) ? sources.href : compiled.href)
}
