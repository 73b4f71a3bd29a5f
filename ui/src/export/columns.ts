// What a row of each table is in a file: more than fits on the screen, under the words of the API.

import type {
  Agent,
  AuditEntry,
  BulkLine,
  CallbackDelivery,
  Gap,
  Job,
  Key,
  Node,
  Project,
  Run,
  Script,
  Secret,
  Setting,
} from '../../../src/sdk/index.ts'
import type { Column } from './table-text.ts'

export const JOB_COLUMNS: readonly Column<Job>[] = [
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['description', ({ description }) => description],
  ['status', ({ status }) => status],
  ['cron', ({ schedule }) => schedule.cron],
  ['every', ({ schedule }) => schedule.every],
  ['at', ({ schedule }) => schedule.at],
  ['timezone', ({ schedule }) => schedule.timezone],
  ['nextDueAt', ({ nextDueAt, schedule }) => ({ at: nextDueAt, zone: schedule.timezone })],
  ['pausedUntil', ({ pause, schedule }) => ({ at: pause?.until ?? null, zone: schedule.timezone })],
  ['labels', ({ labels }) => pairs(labels)],
  ['version', ({ version }) => version],
]

export function runColumns(zone?: string): readonly Column<Run>[] {
  return [
    ['id', ({ id }) => id],
    ['job', ({ job }) => job],
    ['jobId', ({ jobId }) => jobId],
    ['status', ({ status }) => status],
    ['reason', ({ reason }) => reason],
    ['trigger', ({ trigger }) => trigger],
    ['dueAt', ({ dueAt }) => ({ at: dueAt, zone })],
    ['startedAt', ({ startedAt }) => ({ at: startedAt, zone })],
    ['finishedAt', ({ finishedAt }) => ({ at: finishedAt, zone })],
    ['tookMs', tookMs],
    ['attempts', ({ attemptCount }) => attemptCount],
    ['late', ({ late }) => late],
    ['message', ({ message }) => message],
  ]
}

export type LedgerEntry = { readonly at: string; readonly run?: Run; readonly gap?: Gap }

export function ledgerColumns(zone: string | undefined): readonly Column<LedgerEntry>[] {
  return [
    ['dueAt', ({ at, gap }) => ({ at: gap?.from ?? at, zone })],
    ['to', ({ gap }) => ({ at: gap?.to ?? null, zone })],
    ['status', ({ run, gap }) => run?.status ?? gap?.status ?? 'to come'],
    ['reason', ({ run, gap }) => run?.reason ?? gap?.reason],
    ['count', ({ gap }) => gap?.count ?? 1],
    ['startedAt', ({ run }) => ({ at: run?.startedAt ?? null, zone })],
    ['finishedAt', ({ run }) => ({ at: run?.finishedAt ?? null, zone })],
    ['tookMs', ({ run }) => (run === undefined ? null : tookMs(run))],
    ['message', ({ run }) => run?.message],
    ['runId', ({ run }) => run?.id],
  ]
}

export const CALLBACK_COLUMNS: readonly Column<CallbackDelivery>[] = [
  ['id', ({ id }) => id],
  ['status', ({ status }) => status],
  ['url', ({ url }) => url],
  ['runId', ({ runId }) => runId],
  ['createdAt', ({ createdAt }) => ({ at: createdAt })],
  ['tries', ({ tries }) => tries],
]

export const KEY_COLUMNS: readonly Column<Key>[] = [
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['hint', ({ hint }) => hint],
  ['scopes', ({ scopes }) => scopes.join(' ')],
  ['projectIds', ({ projectIds }) => projectIds?.join(' ')],
  ['lastUsedAt', ({ lastUsedAt }) => ({ at: lastUsedAt })],
  ['expiresAt', ({ expiresAt }) => ({ at: expiresAt })],
  ['revokedAt', ({ revokedAt }) => ({ at: revokedAt })],
]

export const AGENT_COLUMNS: readonly Column<Agent>[] = [
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['status', ({ status }) => status],
  ['hostname', ({ hostname }) => hostname],
  ['version', ({ version }) => version],
  ['labels', ({ labels }) => pairs(labels)],
  ['slots', ({ slots }) => slots],
  ['seenAt', ({ seenAt }) => ({ at: seenAt })],
]

export const NODE_COLUMNS: readonly Column<Node>[] = [
  ['id', ({ id }) => id],
  ['hostname', ({ hostname }) => hostname],
  ['status', ({ status }) => status],
  ['held', ({ held }) => held],
  ['skewMs', ({ skewMs }) => skewMs],
  ['latenessP50Ms', ({ latenessP50Ms }) => latenessP50Ms],
  ['latenessP99Ms', ({ latenessP99Ms }) => latenessP99Ms],
  ['startedAt', ({ startedAt }) => ({ at: startedAt })],
  ['endedAt', ({ endedAt }) => ({ at: endedAt })],
]

export const PROJECT_COLUMNS: readonly Column<Project>[] = [
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['description', ({ description }) => description],
  ['keepDays', ({ keep }) => keep.days],
  ['keepLast', ({ keep }) => keep.last],
  ['createdAt', ({ createdAt }) => ({ at: createdAt })],
  ['updatedAt', ({ updatedAt }) => ({ at: updatedAt })],
]

export const SCRIPT_COLUMNS: readonly Column<Script>[] = [
  ['sha256', ({ sha256 }) => sha256],
  ['name', ({ name }) => name],
  ['interpreter', ({ interpreter }) => interpreter],
  ['bytes', ({ bytes }) => bytes],
  ['createdAt', ({ createdAt }) => ({ at: createdAt })],
  ['createdBy', ({ createdBy }) => createdBy],
]

/** What became of each job that was asked for together with others. */
export const BULK_COLUMNS: readonly Column<BulkLine>[] = [
  ['jobId', ({ jobId }) => jobId],
  ['name', ({ name }) => name],
  ['ok', ({ ok }) => ok],
  ['runId', ({ runId }) => runId],
  ['code', ({ code }) => code],
  ['detail', ({ detail }) => detail],
]

export const AUDIT_COLUMNS: readonly Column<AuditEntry>[] = [
  ['id', ({ id }) => id],
  ['at', ({ at }) => ({ at })],
  ['actorId', ({ actorId }) => actorId],
  ['actorName', ({ actorName }) => actorName],
  ['action', ({ action }) => action],
  ['projectId', ({ projectId }) => projectId],
  ['subject', ({ subject }) => subject],
  ['detail', ({ detail }) => JSON.stringify(detail)],
  ['link', ({ link }) => link],
  ['hash', ({ hash }) => hash],
]

export const SECRET_COLUMNS: readonly Column<Secret>[] = [
  ['name', ({ name }) => name],
  ['projectId', ({ projectId }) => projectId],
  ['keyId', ({ keyId }) => keyId],
  ['createdAt', ({ createdAt }) => ({ at: createdAt })],
  ['updatedAt', ({ updatedAt }) => ({ at: updatedAt })],
  ['updatedBy', ({ updatedBy }) => updatedBy],
]

export const SETTING_COLUMNS: readonly Column<Setting>[] = [
  ['option', ({ option }) => option],
  ['key', ({ key }) => key],
  ['variable', ({ variable }) => variable],
  ['value', ({ value }) => value],
  ['origin', ({ origin }) => origin],
]

function pairs(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

function tookMs({ startedAt, finishedAt }: Run): number | null {
  return startedAt === null || finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt)
}
