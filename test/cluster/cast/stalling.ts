// Loaded into a node before its own program (node --import): at SIGUSR2 the main thread does nothing else for as long as
// the named file says. So an event loop can be stalled without a switch in the product.

import { readFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const file = process.env['CLUSTER_STALL_FILE']

if (isMainThread && file !== undefined) {
  process.on('SIGUSR2', () => {
    const end = performance.now() + Number(readFileSync(file, 'utf8'))
    while (performance.now() < end);
  })
}
