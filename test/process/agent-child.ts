// An agent to be killed: runs one command that sleeps, beside one that has left its group, and says so.

import { grouped, machine, Processes } from './world.ts'

const [kind, seconds] = process.argv.slice(2)
const world = new Processes(kind === 'group' ? grouped : machine)
const line = `setsid sleep ${seconds}.2 & exec sleep ${seconds}.1`
const { ended } = world.begin({ argv: ['bash', '-c', `echo ready; ${line}`] })
process.stdout.write('begun\n')
await ended
