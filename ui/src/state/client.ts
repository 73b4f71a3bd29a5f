// The one client of the page: the same library that programs use, with the session's cookie instead of a key.

import { createClient } from '../../../src/sdk/index.ts'

export const carillon = createClient({ url: location.origin, retries: 1 })
