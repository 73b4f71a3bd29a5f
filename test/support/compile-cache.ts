// Read before each file of tests: some 270 processes load the same sources, and only the first of them need compile them.

import { enableCompileCache } from 'node:module'

enableCompileCache()
