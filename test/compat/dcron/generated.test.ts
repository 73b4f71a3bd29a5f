// The types that are committed are those that the .proto files give.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { GENERATED_FILES, generateProto } from '../../../scripts/generated-proto.ts'
import { Folder } from '../../support/folder.ts'

test('npm run generate:proto changes nothing', () => {
  using folder = new Folder()
  generateProto(folder.path)
  for (const name of GENERATED_FILES) {
    const committed = readFileSync(new URL(`../../../src/protocol/${name}`, import.meta.url), 'utf8')
    assert.equal(
      committed,
      readFileSync(folder.file(name), 'utf8'),
      `src/protocol/${name} is not what proto/ gives`,
    )
  }
})
