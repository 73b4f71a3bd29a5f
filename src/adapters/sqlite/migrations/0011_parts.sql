-- Runs that several agents share: their parts, each leased, carried out and tried again by itself.

-- Holds the runs whose parts are held one by one. It never ends, and it is no server and no agent.
INSERT INTO nodes (no, id, hostname, pid, version, started_at, lease_until, agent_no)
VALUES (-1, 'nod_parts', '', 0, '', 0, 9007199254740991, 0);

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

CREATE INDEX parts_for_any ON parts (pool_no, ready_at) WHERE status = 'waiting' AND agent_no IS NULL;
CREATE INDEX parts_for_one ON parts (agent_no, ready_at) WHERE status = 'waiting' AND agent_no IS NOT NULL;
CREATE INDEX parts_held ON parts (node_no) WHERE node_no IS NOT NULL;
CREATE INDEX parts_start_by ON parts (start_by) WHERE status = 'waiting' AND start_by IS NOT NULL;

CREATE TRIGGER parts_follow BEFORE UPDATE ON parts
WHEN OLD.ended_at IS NOT NULL OR NEW.fence < OLD.fence OR NEW.attempt < OLD.attempt
BEGIN SELECT RAISE(ABORT, 'a part does not go this way: what has ended and old fences never change'); END;

CREATE TRIGGER runs_take_their_parts AFTER DELETE ON runs
WHEN EXISTS (SELECT 1 FROM parts WHERE run_no = OLD.no)
BEGIN DELETE FROM parts WHERE run_no = OLD.no; END;

ALTER TABLE attempts ADD COLUMN part INTEGER; -- of its run; null: all of it
