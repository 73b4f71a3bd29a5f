-- Runs that need an agent wait in a pool: those of one project that ask for the same labels.
CREATE TABLE pools (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  project_no INTEGER NOT NULL,
  labels TEXT NOT NULL,
  UNIQUE (project_no, labels)
) STRICT;

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

CREATE UNIQUE INDEX agents_name ON agents (name) WHERE removed_at IS NULL;

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

-- A session of an agent holds runs as a node does; it outlives the server it came in by.
ALTER TABLE nodes ADD COLUMN agent_no INTEGER;
ALTER TABLE nodes ADD COLUMN seen_at INTEGER;

ALTER TABLE runs ADD COLUMN pool_no INTEGER NOT NULL DEFAULT 0; -- 0: servers carry it out
DROP INDEX runs_ready;
CREATE INDEX runs_ready ON runs (pool_no, ready_at) WHERE status = 'pending' AND ready_at IS NOT NULL;

-- What was reported of an attempt after it had ended otherwise: evidence, which changes nothing.
CREATE TABLE late_reports (
  no INTEGER PRIMARY KEY, -- its attempt's
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT
) STRICT;
