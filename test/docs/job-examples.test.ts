// Every job printed in the documents is one that can be created as it stands.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { TokenMint } from '../../src/ports/token-mint.ts'
import { openHouse } from '../rest/house.ts'

const MINT: TokenMint = {
  issuer: 'https://carillon.example.com',
  algorithm: 'ES256',
  mint: async () => 'token',
  keys: async () => [],
}

const DOCUMENTS = {
  'docs/jobs.md': 10,
  'docs/commands.md': 1,
  'docs/scripts.md': 1,
  'docs/secrets.md': 1,
  'docs/signing.md': 2,
  'README.md': 1,
} as const

for (const [path, expected] of Object.entries(DOCUMENTS)) {
  test(`the jobs of ${path} can be created`, async () => {
    const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
    const jobs = [...text.matchAll(/^```json\n(\{\n {2}"name"[\s\S]*?)^```$|-d '(\{[\s\S]*?\})'$/gm)].map(
      ([, block, data]) => JSON.parse(block ?? data!) as { name: string },
    )
    assert.equal(jobs.length, expected, 'the examples are found')
    await using house = await openHouse({ mint: MINT })
    for (const name of ['billing_token', 'billing_hook'])
      await house.ask('PUT', `/v1/secrets/${name}`, { body: { value: 'a value for examples' } })
    for (const job of jobs) {
      const reply = await house.ask('POST', '/v1/jobs', { body: job })
      assert.equal(reply.status, 201, `${job.name}: ${reply.text}`)
    }
  })
}
