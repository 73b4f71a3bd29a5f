// The client library of Carillon: typed, without dependencies, for Node.js and browsers.

export type {
  Agent,
  AgentCredential,
  JoinRequest,
  JoinToken,
  JoinTokenDraft,
  JoinTokenWithSecret,
} from '../protocol/agent.ts'
export type { AuditChain, AuditEntry, AuditPage } from '../protocol/audit.ts'
export type { BulkLine, BulkRequest } from '../protocol/bulk.ts'
export type { Calendar } from '../protocol/calendar.ts'
export type { Callback, CallbackDelivery, CallbackDetail, CallbackTry } from '../protocol/callback.ts'
export type { CommandTarget, Placement, ScriptTarget } from '../protocol/command-target.ts'
export type { Event } from '../protocol/event.ts'
export type { Readiness, Version } from '../protocol/health.ts'
export type {
  Job,
  JobCheck,
  JobDraft,
  JobPatch,
  JobVersion,
  JobWithWarnings,
  PauseRequest,
  ResumeRequest,
  TriggerRequest,
} from '../protocol/job.ts'
export type { JobBatchItem, JobBatchReport, JobBatchRequest } from '../protocol/job-batch.ts'
export type { Key, KeyDraft, KeyEdit, KeyRotation, KeyWithSecret } from '../protocol/key.ts'
export type { Explanation, Gap, Ledger } from '../protocol/ledger.ts'
export type { LogEvent, LogInfo, LogLine, LogPage } from '../protocol/log.ts'
export type { MessageTarget } from '../protocol/message-target.ts'
export type { Node, NodeList, NodeStatus } from '../protocol/node.ts'
export type { Overview, RecentRuns, StatusCounts } from '../protocol/overview.ts'
export type { Page } from '../protocol/pages.ts'
export type { Policy } from '../protocol/policy.ts'
export type { Problem } from '../protocol/problem.ts'
export type { Project, ProjectDraft, ProjectPatch } from '../protocol/project.ts'
export type { Attempt, Reason, Run, RunDetail, RunOutside, RunPart, RunStatus } from '../protocol/run.ts'
export type { Schedule, SchedulePreview, SchedulePreviewRequest, Warning } from '../protocol/schedule.ts'
export type { Role, Scope } from '../protocol/scopes.ts'
export type { Script, ScriptPage } from '../protocol/script.ts'
export type { Resealed, Secret, SecretPage } from '../protocol/secret.ts'
export type { Setting, Settings } from '../protocol/settings.ts'
export type { HttpTarget, Target } from '../protocol/target.ts'
export type { LoginPlace, Me, OpenVisit, SignIn, Ticket, VisitPage, WaysIn } from '../protocol/visit.ts'
export type {
  Beat,
  Held,
  Leased,
  LeaseRequest,
  Report,
  Session,
  SessionRequest,
  WorkItem,
} from '../protocol/work.ts'
export type { AgentsGroup } from './agents.ts'
export {
  AUDIT_ROOT,
  AUDITED_ACTIONS,
  type AuditGroup,
  type AuditQuery,
  type Verdict,
  verifyAudit,
} from './audit.ts'
export type { CallbackQuery, CallbacksGroup } from './callbacks.ts'
export { type CarillonClient, createClient } from './client.ts'
export type { CallOptions, ClientOptions, CreateOptions, EditOptions, Fetch } from './client-options.ts'
export { CarillonError, type ClientErrorCode } from './error.ts'
export type { EventsGroup, FollowOptions, LiveEvent } from './events.ts'
export type { HealthGroup } from './health.ts'
export { newIdempotencyKey } from './idempotency-key.ts'
export type { InProject, JobQuery, JobsGroup, LedgerQuery } from './jobs.ts'
export type { KeysGroup } from './keys.ts'
export type { FollowLogOptions, LogQuery, LogsGroup, LogTextQuery, WhichLog } from './logs.ts'
export type { NodesGroup } from './nodes.ts'
export type { OverviewGroup } from './overview.ts'
export type { PageQuery } from './pages.ts'
export type { ProjectsGroup } from './projects.ts'
export { type ReporterOptions, RunReporter } from './run-reporter.ts'
export { isFinalStatus, type RunQuery, type RunsGroup, type WaitOptions } from './runs.ts'
export type { SchedulesGroup } from './schedules.ts'
export type { OfProject, ScriptsGroup, ScriptUpload } from './scripts.ts'
export type { SecretsGroup } from './secrets.ts'
export type { SettingsGroup } from './settings.ts'
export type { VisitGroup } from './visit.ts'
export {
  type VerifiedWebhook,
  verifyWebhook,
  WebhookError,
  type WebhookFault,
  type WebhookRequest,
  type WebhookRules,
} from './webhook.ts'
export type { WorkGroup } from './work.ts'
