// A store far away may do what it was asked and its answer be lost. What it leased to this node then is carried out all
// the same: once, and without another attempt.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OK } from './scripted-world.ts'
import { MINUTE, SECOND, Story } from './story.ts'

const AT_MOST_ONCE = { delivery: 'at_most_once' } as const

test('a run leased by a plan whose answer was lost is found and rung once', async () => {
  await using story = await Story.begin({ pollMs: SECOND })
  await story.job('a', { policy: AT_MOST_ONCE })
  story.gate.answerLostOf = 'runs.plan'
  await story.advance(MINUTE + 30 * SECOND)
  assert.equal(story.gate.answerLostOf, null)
  assert.deepEqual(await story.book('a'), ['+60s succeeded'])
  assert.deepEqual(
    story.outside.calls.map(({ attempt, fence }) => [attempt, fence]),
    [[1, 1]],
  )
  await story.advance(5 * MINUTE)
  assert.equal(story.outside.calls.length, 6)
})

test('so is one leased by a claim, while others are under way', async () => {
  await using story = await Story.begin({ pollMs: SECOND, slots: 1 })
  story.outside.script('a', { afterMs: 20 * SECOND, reply: OK })
  await story.job('a')
  await story.job('b')
  await story.advance(MINUTE + 10 * SECOND)
  story.gate.answerLostOf = 'runs.claimReady'
  await story.advance(40 * SECOND)
  assert.equal(story.gate.answerLostOf, null)
  assert.deepEqual(await story.book('b'), ['+60s succeeded'])
  assert.equal(story.outside.of('b').length, 1)
})
