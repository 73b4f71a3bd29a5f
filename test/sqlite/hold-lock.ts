// Holds the data directory it is given until it is killed.

import { lockDataDir } from '../../src/adapters/sqlite/data-dir-lock.ts'

const lock = lockDataDir(process.argv[2]!)
console.log('locked')
process.stdin.resume().on('end', () => lock[Symbol.dispose]())
