// Given these reports of these agents → this round is the last complete one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AgentReports, latestRound, ROUND_LIMITS, withReport } from './report-rounds.ts'

function told(agentId: string, ...at: number[]): AgentReports {
  let reports: AgentReports | null = null
  for (const [n, moment] of at.entries()) {
    reports = withReport(reports, agentId, { stdout: `${agentId}${n + 1}`, stderr: '', at: moment })
  }
  return reports!
}

function shown(reports: AgentReports[], agents: number): [number, string[]] | null {
  const round = latestRound(reports, agents)
  return round === null ? null : [round.completedAt, round.outputs.map(({ stdout }) => stdout).sort()]
}

test('a round is complete when every agent has told of it', () => {
  assert.equal(shown([], 1), null)
  assert.equal(shown([told('a', 1)], 2), null)
  assert.deepEqual(shown([told('a', 1), told('b', 5)], 2), [5, ['a1', 'b1']])
})

test('a fast agent does not fill the round of a slow one', () => {
  assert.deepEqual(shown([told('a', 1, 2, 3), told('b', 5)], 2), [5, ['a1', 'b1']])
  assert.deepEqual(shown([told('a', 1, 2, 3), told('b', 5, 6)], 2), [6, ['a2', 'b2']])
  const far = Array.from({ length: 30 }, (_, n) => n + 1)
  const [, outputs] = shown([told('a', ...far), told('b', 50)], 2)!
  assert.deepEqual(outputs, [`a${30 - ROUND_LIMITS.keptMax + 1}`, 'b1'])
})

test('an agent that was started anew takes the place of what it was', () => {
  assert.deepEqual(shown([told('a', 1), told('b', 2), told('c', 9)], 2), [9, ['b1', 'c1']])
})

test('of a long output the end is kept', () => {
  const { latest } = withReport(null, 'a', { stdout: `${'x'.repeat(70_000)}end`, stderr: '', at: 1 })
  assert.equal(latest[0]!.stdout.length, ROUND_LIMITS.outputMax)
  assert.ok(latest[0]!.stdout.endsWith('end'))
})
