// All of REST v1, in the order in which it is documented.

import type { Survey } from '../../../commands/survey.ts'
import type { Endpoint } from '../../http/endpoint.ts'
import type { RestLimits } from '../../http/limits.ts'
import {
  createJoinTokenEndpoint,
  drainAgentEndpoint,
  endJoinTokenEndpoint,
  getAgentEndpoint,
  joinAgentEndpoint,
  listAgentsEndpoint,
  listJoinTokensEndpoint,
  removeAgentEndpoint,
  rotateAgentKeyEndpoint,
} from './agents.ts'
import { listAuditEndpoint, readAuditChainEndpoint } from './audit.ts'
import { bulkJobsEndpoint } from './bulk.ts'
import { readCalendarEndpoint } from './calendar.ts'
import { getCallbackEndpoint, listCallbacksEndpoint, redeliverCallbackEndpoint } from './callbacks.ts'
import { eventsEndpoint } from './events.ts'
import { followLogEndpoint } from './follow-log.ts'
import { type HealthParts, healthEndpoints } from './health.ts'
import { explainJobEndpoint, pauseJobEndpoint, resumeJobEndpoint, triggerJobEndpoint } from './job-actions.ts'
import { createJobsEndpoint } from './job-batch.ts'
import { checkEditedJobEndpoint, checkNewJobEndpoint } from './job-check.ts'
import {
  createJobEndpoint,
  deleteJobEndpoint,
  getJobEndpoint,
  listJobsEndpoint,
  listVersionsEndpoint,
  patchJobEndpoint,
  replaceJobEndpoint,
} from './jobs.ts'
import {
  createKeyEndpoint,
  editKeyEndpoint,
  listKeysEndpoint,
  revokeKeyEndpoint,
  rotateKeyEndpoint,
} from './keys.ts'
import { readLedgerEndpoint } from './ledger.ts'
import type { LiveEvents } from './live-events.ts'
import { downloadLogEndpoint, listLogsEndpoint, readLogEndpoint } from './logs.ts'
import { nodeEndpoints, type OwnNode } from './nodes.ts'
import { overviewEndpoint, recentRunsEndpoint } from './overview.ts'
import {
  createProjectEndpoint,
  deleteProjectEndpoint,
  getProjectEndpoint,
  listProjectsEndpoint,
  updateProjectEndpoint,
} from './projects.ts'
import { RUN_PROTOCOL_ENDPOINTS } from './run-protocol.ts'
import { cancelRunEndpoint, getRunEndpoint, listRunsEndpoint, retryRunEndpoint } from './runs.ts'
import { previewScheduleEndpoint } from './schedules.ts'
import {
  deleteScriptEndpoint,
  downloadScriptEndpoint,
  getScriptEndpoint,
  listScriptsEndpoint,
  uploadScriptEndpoint,
} from './scripts.ts'
import {
  deleteSecretEndpoint,
  getSecretEndpoint,
  listSecretsEndpoint,
  resealSecretsEndpoint,
  setSecretEndpoint,
} from './secrets.ts'
import { type SettingsParts, settingsEndpoint } from './settings.ts'
import { tokenIssuerEndpoint, tokenKeysEndpoint } from './token-keys.ts'
import { visitEndpoints } from './visit.ts'
import type { VisitParts } from './visit-parts.ts'
import { workEndpoints } from './work.ts'

export type RestParts = HealthParts &
  VisitParts &
  OwnNode &
  SettingsParts & {
    readonly events: LiveEvents
    readonly survey: Survey
    readonly limits: RestLimits
    readonly closing: AbortSignal
  }

export function restEndpoints(parts: RestParts): Endpoint[] {
  return [
    createJobEndpoint,
    listJobsEndpoint,
    createJobsEndpoint,
    checkNewJobEndpoint,
    bulkJobsEndpoint(parts.closing),
    getJobEndpoint,
    replaceJobEndpoint,
    patchJobEndpoint,
    checkEditedJobEndpoint,
    deleteJobEndpoint,
    pauseJobEndpoint,
    resumeJobEndpoint,
    triggerJobEndpoint,
    listVersionsEndpoint,
    explainJobEndpoint,
    readLedgerEndpoint,
    readCalendarEndpoint,
    overviewEndpoint(parts.survey),
    recentRunsEndpoint,
    listRunsEndpoint,
    getRunEndpoint,
    cancelRunEndpoint,
    retryRunEndpoint,
    listLogsEndpoint,
    readLogEndpoint,
    downloadLogEndpoint,
    followLogEndpoint(parts.limits, parts.closing),
    uploadScriptEndpoint,
    listScriptsEndpoint,
    getScriptEndpoint,
    downloadScriptEndpoint,
    deleteScriptEndpoint,
    setSecretEndpoint,
    listSecretsEndpoint,
    resealSecretsEndpoint,
    getSecretEndpoint,
    deleteSecretEndpoint,
    previewScheduleEndpoint,
    listCallbacksEndpoint,
    getCallbackEndpoint,
    redeliverCallbackEndpoint,
    eventsEndpoint(parts.events, parts.limits, parts.closing),
    listAgentsEndpoint,
    getAgentEndpoint,
    drainAgentEndpoint,
    removeAgentEndpoint,
    createJoinTokenEndpoint,
    listJoinTokensEndpoint,
    endJoinTokenEndpoint,
    joinAgentEndpoint,
    rotateAgentKeyEndpoint,
    ...workEndpoints(parts.closing),
    ...RUN_PROTOCOL_ENDPOINTS,
    createProjectEndpoint,
    listProjectsEndpoint,
    getProjectEndpoint,
    updateProjectEndpoint,
    deleteProjectEndpoint,
    createKeyEndpoint,
    listKeysEndpoint,
    rotateKeyEndpoint,
    editKeyEndpoint,
    revokeKeyEndpoint,
    listAuditEndpoint,
    readAuditChainEndpoint,
    ...visitEndpoints(parts),
    settingsEndpoint(parts),
    tokenKeysEndpoint,
    tokenIssuerEndpoint,
    ...nodeEndpoints(parts),
    ...healthEndpoints(parts),
  ]
}
