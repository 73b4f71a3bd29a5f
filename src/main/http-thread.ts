// The beginning of the thread that sends requests. Each thread has to be told of the cache of what was compiled, and before it
// loads what it is made of: without, it compiles in a quarter of a second what its process has compiled already.

import { enableCompileCache } from 'node:module'
import { workerData } from 'node:worker_threads'
import type { HttpThreadSettings } from './start-http-thread.ts'

if ((workerData as HttpThreadSettings).compileCache) enableCompileCache()
await import('./http-thread-work.ts')
