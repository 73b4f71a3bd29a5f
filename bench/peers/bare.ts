// The bare loop: undici requests one after the other in so many lanes. Nothing is written down; the answer is read as
// text, as both others do, or thrown away.

import { Agent, request } from 'undici'
import { BODY, type Load, obey, sameHeaders } from '../contender.ts'

let load: Load = { url: '', count: 0, width: 1, reads: true }
let agent = new Agent()

obey(
  async (next) => {
    await agent.close()
    load = next
    agent = new Agent({ connections: next.width, pipelining: 1 })
  },
  async () => {
    let next = 0
    await Promise.all(Array.from({ length: load.width }, lane))

    async function lane(): Promise<void> {
      while (next < load.count) {
        next += 1
        const { statusCode, body } = await request(load.url, {
          method: 'POST',
          headers: sameHeaders(`run_${String(next).padStart(26, '0')}`),
          body: BODY,
          dispatcher: agent,
        })
        await (load.reads ? body.text() : body.dump())
        if (statusCode !== 200) throw new Error(`answered ${statusCode}`)
      }
    }
  },
  () => agent.close(),
)
