// Moving a store into another: every table row by row, in a form that belongs to neither. Rows keep their numbers, so
// that what refers to them goes on doing so.

export type Kind = 'number' | 'real' | 'text' | 'boolean'
export type Cell = number | string | boolean | null
export type CopiedRow = readonly Cell[]

export type CopiedTable = { readonly name: string; readonly columns: readonly (readonly [string, Kind])[] }

export type Piece = {
  readonly rows: readonly CopiedRow[]
  /** Where the next piece begins; null: this was the last. */
  readonly next: string | null
}

/** How far a move has come, as the target remembers it. */
export type MoveMark = {
  /** Address of the source, without secrets. */
  readonly from: string
  readonly table: string
  readonly after: string | null
}

export interface StoreCopy extends AsyncDisposable {
  /** For people, without secrets. */
  readonly address: string
  /** Who is working on it; null: nobody. */
  inUse(): Promise<string | null>
  count(table: CopiedTable): Promise<number>
  /** Rows in an order of this store's own. */
  read(table: CopiedTable, after: string | null, limit: number): Promise<Piece>
  /** Not even a job, a key or a run. */
  isEmpty(): Promise<boolean>
  /** null: no move into it has begun, or the last one was finished. */
  mark(): Promise<MoveMark | null>
  /** Clears what a new store has by itself, and remembers that a move has begun. No server starts on it until `finish`. */
  begin(mark: MoveMark): Promise<void>
  /** Adds rows that are not there yet and remembers how far it came, in one transaction. */
  write(table: CopiedTable, rows: readonly CopiedRow[], mark: MoveMark): Promise<void>
  finish(): Promise<void>
}

const table = (name: string, columns: string): CopiedTable => ({
  name,
  columns: columns
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [column, kind = 'number'] = word.split(':')
      return [column!, kind as Kind] as const
    }),
})

/** In the order in which they may refer to each other. */
export const COPIED_TABLES: readonly CopiedTable[] = [
  table(
    'projects',
    'no id:text name:text description:text keep:text targets:text quotas:text version created_at updated_at',
  ),
  table(
    'nodes',
    `no id:text hostname:text pid version:text started_at lease_until left_at ended:text emptied_at draining:boolean
     figures:text agent_no seen_at`,
  ),
  table('pools', 'no project_no labels:text'),
  table(
    'agents',
    `no id:text name:text key_id:text granted:text labels:text project_ids:text slots version:text hostname:text
     draining:boolean session_no created_at removed_at`,
  ),
  table(
    'join_tokens',
    `no id:text hint:text hash:text labels:text project_ids:text created_at created_by:text expires_at used_at
     used_by:text`,
  ),
  table(
    'jobs',
    `no id:text project_no name:text description:text labels:text version status:text pause:text planned_through
     next_due_at runs_planned created_at updated_at deleted_at sweep_at`,
  ),
  table('job_versions', 'job_no version spec:text created_at created_by:text'),
  table(
    'runs',
    `no id:text job_no project_no job_name:text version trigger:text due_at off_schedule late:boolean status:text
     reason:text fence attempts cause:text ready_at not_before start_by node_no leased_at created_at started_at
     finished_at message:text params:text has_callback:boolean pool_no
     concurrency_key:text waits:boolean`,
  ),
  table(
    'attempts',
    'run_no due_at number fence node_no cause:text started_at ended_at outcome:text detail:text part',
  ),
  table(
    'parts',
    `run_no run_id:text due_at part total pool_no agent_no status:text cause:text attempt fence ready_at start_by node_no leased_at
     message:text ended_at`,
  ),
  table(
    'handed',
    'run_id:text due_at accepted_at look_at told:boolean heard_at progress:real message:text ends_by',
  ),
  table('tidings', 'run_id:text fence heard_at progress:real message:text ends_by'),
  table('quota_use', 'project_no what:text since used'),
  table('server_secrets', 'name:text value:text'),
  table('late_reports', 'run_no due_at number at outcome:text detail:text'),
  table(
    'logs',
    `run_id:text due_at attempt part fence chunks bytes text_bytes lines dropped created_at sealed_at whole:boolean`,
  ),
  table(
    'scripts',
    'no project_no sha256:text name:text interpreter:text bytes blob:text created_at created_by:text',
  ),
  table(
    'secrets',
    'no project_no name:text id:text key_id:text sealed:text created_at updated_at updated_by:text',
  ),
  table(
    'audit',
    `no id:text at actor_id:text actor_name:text action:text project_id:text subject:text detail:text link hash:text`,
  ),
  table('discarded', 'no prefix:text'),
  table('gaps', 'no id:text job_no version from_at to_at count status:text reason:text created_at'),
  table(
    'effects',
    `no id:text run_id:text due_at job_no project_no callback:text status:text tries next_try_at held created_at
     ended_at`,
  ),
  table('deliveries', 'effect_no number started_at ended_at status ok:boolean message:text'),
  table(
    'keys',
    `no id:text name:text hint:text hash:text previous_hash:text previous_until scopes:text project_ids:text created_at
     expires_at last_used_at revoked_at`,
  ),
  table(
    'visits',
    'no id:text kind:text hash:text key_id:text created_at expires_at key_hash:text guest:text',
  ),
  table('once', 'scope:text key:text hash:text result:text at'),
  table('sequences', 'name:text next'),
]

/** Tables whose rows are numbered by the store: the next one is numbered after the last that was moved. */
export const NUMBERED_TABLES: readonly string[] = COPIED_TABLES.filter(
  ({ columns }) => columns[0]?.[0] === 'no',
).map(({ name }) => name)
