CREATE TRIGGER attempts_stay BEFORE UPDATE ON attempts
BEGIN SELECT RAISE(ABORT, 'an attempt ends once and never changes'); END;

CREATE TRIGGER audit_does_not_change BEFORE UPDATE ON audit
WHEN OLD.link IS NOT NULL OR OLD.id IS NOT NEW.id OR OLD.at IS NOT NEW.at OR OLD.actor_id IS NOT NEW.actor_id
  OR OLD.actor_name IS NOT NEW.actor_name OR OLD.action IS NOT NEW.action OR OLD.project_id IS NOT NEW.project_id
  OR OLD.subject IS NOT NEW.subject OR OLD.detail IS NOT NEW.detail
BEGIN SELECT RAISE(ABORT, 'an audit entry never changes'); END;

CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'an audit entry is never deleted'); END;

CREATE TRIGGER deliveries_stay BEFORE UPDATE ON deliveries
BEGIN SELECT RAISE(ABORT, 'a delivery never changes'); END;

CREATE TRIGGER gaps_stand_apart BEFORE INSERT ON gaps
WHEN EXISTS (SELECT 1 FROM gaps WHERE job_no = NEW.job_no AND from_at <= NEW.to_at AND to_at >= NEW.from_at)
BEGIN SELECT RAISE(ABORT, 'gaps of one job do not overlap'); END;

CREATE TRIGGER job_versions_stay BEFORE UPDATE ON job_versions
BEGIN SELECT RAISE(ABORT, 'a version of a job never changes'); END;

CREATE TRIGGER logs_stay BEFORE UPDATE ON logs WHEN OLD.sealed_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a sealed log never changes'); END;

CREATE TRIGGER parts_follow BEFORE UPDATE ON parts
WHEN OLD.ended_at IS NOT NULL OR NEW.fence < OLD.fence OR NEW.attempt < OLD.attempt
BEGIN SELECT RAISE(ABORT, 'a part does not go this way: what has ended and old fences never change'); END;

CREATE TRIGGER projects_take_their_scripts AFTER DELETE ON projects
BEGIN DELETE FROM scripts WHERE project_no = OLD.no; END;

CREATE TRIGGER projects_take_their_secrets AFTER DELETE ON projects
BEGIN DELETE FROM secrets WHERE project_no = OLD.no; END;

CREATE TRIGGER runs_come_back AFTER UPDATE OF node_no ON runs WHEN OLD.node_no = 0 AND NEW.node_no IS NOT 0
BEGIN DELETE FROM handed WHERE run_no = OLD.no; END;

CREATE TRIGGER runs_end_tidings AFTER UPDATE OF node_no ON runs
WHEN OLD.pool_no > 0 AND OLD.node_no IS NOT NULL AND NEW.node_no IS NULL
BEGIN DELETE FROM tidings WHERE run_id = OLD.id; END;

CREATE TRIGGER runs_follow AFTER UPDATE ON runs
WHEN OLD.finished_at IS NOT NULL
  OR NEW.fence < OLD.fence
  OR NEW.attempts < OLD.attempts
  OR (OLD.status = 'pending' AND (NEW.status = 'cancelling' OR NEW.status = 'succeeded'
    OR NEW.status = 'failed' OR NEW.status = 'unknown'))
  OR (OLD.status <> 'pending' AND (NEW.status = 'skipped' OR NEW.status = 'missed'))
  OR (OLD.status = 'cancelling' AND (NEW.status = 'pending' OR NEW.status = 'running'))
BEGIN SELECT RAISE(ROLLBACK, 'a run does not go this way: final statuses and old fences never change'); END;

CREATE TRIGGER runs_stay BEFORE DELETE ON runs WHEN OLD.finished_at IS NULL
BEGIN SELECT RAISE(ABORT, 'a run that is not final is never forgotten'); END;

CREATE TRIGGER runs_take_their_logs AFTER DELETE ON runs
WHEN EXISTS (SELECT 1 FROM logs WHERE run_no = OLD.no)
BEGIN
  DELETE FROM logs WHERE run_no = OLD.no;
  INSERT INTO discarded (prefix) VALUES ('logs/' || OLD.id || '/');
END;

CREATE TRIGGER runs_take_their_parts AFTER DELETE ON runs
WHEN EXISTS (SELECT 1 FROM parts WHERE run_no = OLD.no)
BEGIN DELETE FROM parts WHERE run_no = OLD.no; END;

CREATE TRIGGER scripts_take_their_blobs AFTER DELETE ON scripts
BEGIN INSERT INTO discarded (prefix) VALUES (OLD.blob); END;

CREATE TABLE agents (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  key_id TEXT NOT NULL UNIQUE, -- its own id: it lives inside a server
  granted TEXT NOT NULL,
  labels TEXT NOT NULL,
  project_ids TEXT,
  slots INTEGER NOT NULL,
  version TEXT NOT NULL,
  hostname TEXT NOT NULL,
  draining INTEGER NOT NULL,
  session_no INTEGER, -- the newest
  created_at INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;

CREATE TABLE attempts (
  no INTEGER PRIMARY KEY,
  fence INTEGER NOT NULL CHECK (fence > 0),
  node_no INTEGER NOT NULL,
  cause TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (CASE outcome
    WHEN 'ok' THEN 1 WHEN 'error' THEN 1 WHEN 'timeout' THEN 1 WHEN 'lost' THEN 1 WHEN 'refused' THEN 1
    WHEN 'cancelled' THEN 1 ELSE 0 END),
  detail TEXT, -- the outcome as reported; null: it is nothing but its kind
  run_no INTEGER GENERATED ALWAYS AS (no >> 20),
  number INTEGER GENERATED ALWAYS AS (no & 1048575)
, part INTEGER) STRICT;

CREATE TABLE audit (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  action TEXT NOT NULL,
  project_id TEXT,
  subject TEXT,
  detail TEXT NOT NULL,
  link INTEGER UNIQUE,
  hash TEXT
) STRICT;

CREATE TABLE deliveries (
  no INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  status INTEGER,
  ok INTEGER NOT NULL,
  message TEXT NOT NULL,
  effect_no INTEGER GENERATED ALWAYS AS (no >> 20),
  number INTEGER GENERATED ALWAYS AS (no & 1048575)
) STRICT;

CREATE TABLE discarded (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  prefix TEXT NOT NULL
) STRICT;

CREATE TABLE effects (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  run_no INTEGER NOT NULL UNIQUE REFERENCES runs,
  job_no INTEGER NOT NULL,
  project_no INTEGER NOT NULL,
  callback TEXT NOT NULL,
  status TEXT NOT NULL,
  tries INTEGER NOT NULL CHECK (tries >= 0),
  next_try_at INTEGER,
  held INTEGER NOT NULL DEFAULT 0, -- 1: being told; next_try_at is when the teller is given up for lost
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  CHECK (CASE status
    WHEN 'pending' THEN next_try_at IS NOT NULL AND ended_at IS NULL
    WHEN 'delivered' THEN next_try_at IS NULL AND ended_at IS NOT NULL
    WHEN 'dead' THEN next_try_at IS NULL AND ended_at IS NOT NULL
    ELSE 0 END)
) STRICT;

CREATE TABLE gaps (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  job_no INTEGER NOT NULL REFERENCES jobs,
  version INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  count INTEGER NOT NULL CHECK (count >= 1),
  status TEXT NOT NULL CHECK (status = 'skipped' OR status = 'missed'),
  reason TEXT NOT NULL CHECK (CASE reason
    WHEN 'overlap' THEN 1 WHEN 'paused' THEN 1 WHEN 'calendar' THEN 1 WHEN 'too_late' THEN 1
    WHEN 'catch_up_limit' THEN 1 WHEN 'quota' THEN 1 WHEN 'no_agent' THEN 1 WHEN 'superseded' THEN 1
    WHEN 'job_deleted' THEN 1 ELSE 0 END),
  created_at INTEGER NOT NULL,
  CHECK (from_at <= to_at),
  UNIQUE (job_no, from_at)
) STRICT;

CREATE TABLE handed (
  run_no INTEGER PRIMARY KEY,
  accepted_at INTEGER, -- someone has begun with it
  look_at INTEGER, -- nothing heard by then says something too
  told INTEGER NOT NULL DEFAULT 0 -- it was asked to end, and whoever works on it was told
, heard_at INTEGER, progress REAL, message TEXT, ends_by INTEGER) STRICT;

CREATE TABLE job_versions (
  no INTEGER PRIMARY KEY,
  spec TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  job_no INTEGER GENERATED ALWAYS AS (no >> 20),
  version INTEGER GENERATED ALWAYS AS (no & 1048575)
) STRICT;

CREATE TABLE jobs (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  project_no INTEGER NOT NULL REFERENCES projects,
  name TEXT NOT NULL,
  description TEXT,
  labels TEXT,
  version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 1048575),
  status TEXT NOT NULL,
  pause TEXT,
  planned_through INTEGER NOT NULL,
  next_due_at INTEGER,
  runs_planned INTEGER NOT NULL CHECK (runs_planned >= 0),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  sweep_at INTEGER NOT NULL, -- nothing of it is to be forgotten before this
  CHECK (CASE status
    WHEN 'active' THEN pause IS NULL
    WHEN 'paused' THEN pause IS NOT NULL
    WHEN 'finished' THEN pause IS NULL AND next_due_at IS NULL
    ELSE 0 END),
  CHECK (deleted_at IS NULL OR next_due_at IS NULL)
) STRICT;

CREATE TABLE join_tokens (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  labels TEXT NOT NULL,
  project_ids TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  used_by TEXT
) STRICT;

CREATE TABLE keys (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  hint TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  previous_hash TEXT,
  previous_until INTEGER,
  scopes TEXT NOT NULL,
  project_ids TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  revoked_at INTEGER,
  CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
) STRICT;

CREATE TABLE late_reports (
  no INTEGER PRIMARY KEY, -- its attempt's
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT
) STRICT;

CREATE TABLE logs (
  run_no INTEGER NOT NULL,
  attempt INTEGER NOT NULL CHECK (attempt BETWEEN 1 AND 1048575),
  part INTEGER NOT NULL CHECK (part >= 0),
  fence INTEGER NOT NULL CHECK (fence > 0),
  chunks INTEGER NOT NULL CHECK (chunks >= 0),
  bytes INTEGER NOT NULL,
  text_bytes INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  dropped INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  sealed_at INTEGER,
  whole INTEGER, -- 1: whoever wrote it said that this is all
  PRIMARY KEY (run_no, attempt, part),
  CHECK ((sealed_at IS NULL) = (whole IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE migrations (
       number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;

CREATE TABLE nodes (
  no INTEGER PRIMARY KEY AUTOINCREMENT, -- also the epoch
  id TEXT NOT NULL UNIQUE,
  hostname TEXT NOT NULL,
  pid INTEGER NOT NULL,
  version TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  left_at INTEGER,
  emptied_at INTEGER -- gone, and none of its runs is left to take over
, ended TEXT
  CHECK (CASE ended WHEN 'left' THEN 1 WHEN 'lapsed' THEN 1 WHEN 'replaced' THEN 1 ELSE ended IS NULL END), draining INTEGER NOT NULL DEFAULT 0, figures TEXT, agent_no INTEGER, seen_at INTEGER) STRICT;

CREATE TABLE once (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  hash TEXT NOT NULL,
  result TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE parts (
  run_no INTEGER NOT NULL,
  part INTEGER NOT NULL CHECK (part >= 0),
  total INTEGER NOT NULL CHECK (total > part),
  pool_no INTEGER NOT NULL,
  agent_no INTEGER, -- the one it is for; null: any
  status TEXT NOT NULL,
  cause TEXT NOT NULL, -- of the attempt under way, else of the next
  attempt INTEGER NOT NULL CHECK (attempt >= 0), -- number of the last one; 0: none yet
  fence INTEGER NOT NULL CHECK (fence >= 0),
  ready_at INTEGER NOT NULL,
  start_by INTEGER,
  node_no INTEGER,
  leased_at INTEGER,
  message TEXT,
  ended_at INTEGER,
  PRIMARY KEY (run_no, part),
  CHECK (CASE status
    WHEN 'waiting' THEN node_no IS NULL AND leased_at IS NULL AND ended_at IS NULL
    WHEN 'running' THEN node_no IS NOT NULL AND leased_at IS NOT NULL AND ended_at IS NULL
      AND attempt > 0 AND fence > 0
    WHEN 'succeeded' THEN node_no IS NULL AND ended_at IS NOT NULL
    WHEN 'failed' THEN node_no IS NULL AND ended_at IS NOT NULL
    WHEN 'cancelled' THEN node_no IS NULL AND ended_at IS NOT NULL
    WHEN 'unknown' THEN node_no IS NULL AND ended_at IS NOT NULL
    ELSE 0 END)
) STRICT, WITHOUT ROWID;

CREATE TABLE pools (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  project_no INTEGER NOT NULL,
  labels TEXT NOT NULL,
  UNIQUE (project_no, labels)
) STRICT;

CREATE TABLE projects (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  description TEXT,
  keep TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
, targets TEXT NOT NULL DEFAULT '{}', quotas TEXT NOT NULL DEFAULT '{}') STRICT;

CREATE TABLE quota_use (
  project_no INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
  what TEXT NOT NULL CHECK (what IN ('runs', 'log_bytes')),
  since INTEGER NOT NULL,
  used INTEGER NOT NULL CHECK (used >= 0),
  PRIMARY KEY (project_no, what)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  job_no INTEGER NOT NULL REFERENCES jobs,
  project_no INTEGER NOT NULL,
  job_name TEXT NOT NULL,
  version INTEGER NOT NULL,
  trigger TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  off_schedule INTEGER NOT NULL, -- 0: scheduled, so unique by job and due instant; else its own number
  late INTEGER NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  fence INTEGER NOT NULL CHECK (fence >= 0),
  attempts INTEGER NOT NULL CHECK (attempts BETWEEN 0 AND 1048575),
  cause TEXT NOT NULL, -- of the attempt under way, else of the next
  ready_at INTEGER,
  not_before INTEGER,
  start_by INTEGER,
  node_no INTEGER,
  leased_at INTEGER,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  message TEXT,
  params TEXT,
  has_callback INTEGER NOT NULL, pool_no INTEGER NOT NULL DEFAULT 0, concurrency_key TEXT, waits INTEGER NOT NULL DEFAULT 0,
  UNIQUE (job_no, due_at, off_schedule),
  -- CASE, not IN: a list of more than two costs a table of its own at each write.
  CHECK (CASE status
    WHEN 'pending' THEN node_no IS NULL AND leased_at IS NULL AND not_before IS NOT NULL
      AND finished_at IS NULL AND reason IS NULL
    WHEN 'running' THEN node_no IS NOT NULL AND leased_at IS NOT NULL AND ready_at IS NOT NULL
      AND started_at IS NOT NULL AND fence > 0 AND attempts > 0 AND finished_at IS NULL AND reason IS NULL
    WHEN 'cancelling' THEN node_no IS NOT NULL AND leased_at IS NOT NULL AND ready_at IS NOT NULL
      AND started_at IS NOT NULL AND fence > 0 AND attempts > 0 AND finished_at IS NULL AND reason IS NULL
    WHEN 'succeeded' THEN node_no IS NULL AND leased_at IS NULL AND finished_at IS NOT NULL AND reason IS NULL
    WHEN 'failed' THEN node_no IS NULL AND leased_at IS NULL AND finished_at IS NOT NULL AND reason IS NULL
    WHEN 'unknown' THEN node_no IS NULL AND leased_at IS NULL AND finished_at IS NOT NULL AND reason IS NULL
    WHEN 'cancelled' THEN node_no IS NULL AND leased_at IS NULL AND finished_at IS NOT NULL
    WHEN 'skipped' THEN node_no IS NULL AND leased_at IS NULL AND finished_at IS NOT NULL AND reason IS NOT NULL
    WHEN 'missed' THEN node_no IS NULL AND leased_at IS NULL AND finished_at IS NOT NULL AND reason IS NOT NULL
    ELSE 0 END),
  CHECK (reason IS NULL OR CASE reason
    WHEN 'overlap' THEN 1 WHEN 'paused' THEN 1 WHEN 'calendar' THEN 1 WHEN 'too_late' THEN 1
    WHEN 'catch_up_limit' THEN 1 WHEN 'quota' THEN 1 WHEN 'no_agent' THEN 1 WHEN 'superseded' THEN 1
    WHEN 'job_deleted' THEN 1 ELSE 0 END),
  CHECK (CASE cause
    WHEN 'first' THEN 1 WHEN 'retry_policy' THEN 1 WHEN 'node_lost' THEN 1 WHEN 'lease_expired' THEN 1
    WHEN 'refused' THEN 1 ELSE 0 END),
  CHECK (CASE trigger
    WHEN 'schedule' THEN off_schedule = 0
    WHEN 'manual' THEN off_schedule = no
    WHEN 'retry' THEN off_schedule = no
    ELSE 0 END)
) STRICT;

CREATE TABLE scripts (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  project_no INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  name TEXT,
  interpreter TEXT,
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  blob TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  UNIQUE (project_no, sha256)
) STRICT;

CREATE TABLE secrets (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  project_no INTEGER NOT NULL,
  name TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  key_id TEXT NOT NULL,
  sealed TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  UNIQUE (project_no, name)
) STRICT;

CREATE TABLE sequences (
  name TEXT PRIMARY KEY,
  next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE server_secrets (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tidings (
  run_id TEXT NOT NULL,
  fence INTEGER NOT NULL,
  heard_at INTEGER NOT NULL,
  progress REAL, -- from 0 to 1
  message TEXT,
  ends_by INTEGER, -- it may take until then, longer than its policy says
  PRIMARY KEY (run_id, fence)
) STRICT, WITHOUT ROWID;

CREATE TABLE upkeep (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  default_days REAL,
  probes INTEGER NOT NULL
) STRICT;

CREATE TABLE visits (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind = 'ticket' OR kind = 'visit'),
  hash TEXT NOT NULL UNIQUE,
  key_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
, key_hash TEXT, guest TEXT) STRICT;

CREATE UNIQUE INDEX agents_name ON agents (name) WHERE removed_at IS NULL;

CREATE INDEX audit_by_action ON audit (action, at, no);

CREATE INDEX audit_by_actor ON audit (actor_id, at, no);

CREATE INDEX audit_by_project ON audit (project_id, at, no);

CREATE INDEX audit_by_subject ON audit (subject, at, no);

CREATE INDEX audit_by_time ON audit (at, no);

CREATE INDEX audit_unlinked ON audit (no) WHERE link IS NULL;

CREATE INDEX effects_due ON effects (next_try_at) WHERE next_try_at IS NOT NULL;

CREATE INDEX effects_job ON effects (job_no);

CREATE INDEX effects_undelivered ON effects (status) WHERE status <> 'delivered';

CREATE INDEX gaps_to ON gaps (to_at, no);

CREATE INDEX handed_look ON handed (look_at) WHERE look_at IS NOT NULL;

CREATE INDEX jobs_deleted ON jobs (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE INDEX jobs_due ON jobs (next_due_at) WHERE next_due_at IS NOT NULL;

CREATE INDEX jobs_due_by_project ON jobs (project_no, next_due_at) WHERE next_due_at IS NOT NULL;

CREATE INDEX jobs_finished ON jobs (project_no) WHERE status = 'finished' AND deleted_at IS NULL;

CREATE UNIQUE INDEX jobs_name ON jobs (project_no, name) WHERE deleted_at IS NULL;

CREATE INDEX jobs_paused ON jobs (project_no, name) WHERE status = 'paused' AND deleted_at IS NULL;

CREATE INDEX jobs_sweep ON jobs (sweep_at);

CREATE INDEX keys_previous ON keys (previous_hash) WHERE previous_hash IS NOT NULL;

CREATE INDEX logs_open ON logs (run_no, attempt) WHERE sealed_at IS NULL;

CREATE INDEX nodes_there ON nodes (no) WHERE left_at IS NULL;

CREATE INDEX nodes_to_empty ON nodes (no) WHERE emptied_at IS NULL;

CREATE INDEX once_at ON once (at);

CREATE INDEX parts_for_any ON parts (pool_no, ready_at) WHERE status = 'waiting' AND agent_no IS NULL;

CREATE INDEX parts_for_one ON parts (agent_no, ready_at) WHERE status = 'waiting' AND agent_no IS NOT NULL;

CREATE INDEX parts_held ON parts (node_no) WHERE node_no IS NOT NULL;

CREATE INDEX parts_start_by ON parts (start_by) WHERE status = 'waiting' AND start_by IS NOT NULL;

CREATE INDEX runs_admitted ON runs (project_no, node_no, ready_at)
  WHERE concurrency_key IS NOT NULL AND waits = 0 AND finished_at IS NULL AND ready_at IS NOT NULL;

CREATE INDEX runs_cancelling ON runs (node_no) WHERE status = 'cancelling';

CREATE INDEX runs_due ON runs (project_no, due_at);

CREATE INDEX runs_keyed ON runs (waits, project_no, concurrency_key, ready_at)
  WHERE concurrency_key IS NOT NULL AND finished_at IS NULL;

CREATE INDEX runs_odd ON runs (project_no, status, due_at)
  WHERE finished_at IS NOT NULL AND status <> 'succeeded';

CREATE INDEX runs_on_agents ON runs (node_no) WHERE node_no IS NOT NULL AND pool_no > 0;

CREATE INDEX runs_open ON runs (job_no, ready_at) WHERE finished_at IS NULL;

CREATE INDEX runs_queued ON runs (job_no) WHERE status = 'pending' AND ready_at IS NULL;

CREATE INDEX runs_ready ON runs (pool_no, ready_at) WHERE status = 'pending' AND ready_at IS NOT NULL AND waits = 0;

CREATE INDEX runs_ready_by_project ON runs (pool_no, project_no, ready_at)
  WHERE status = 'pending' AND ready_at IS NOT NULL AND waits = 0;

CREATE INDEX runs_start_by ON runs (start_by) WHERE status = 'pending' AND start_by IS NOT NULL;

CREATE INDEX secrets_by_key ON secrets (key_id);

CREATE INDEX visits_expiry ON visits (expires_at);
