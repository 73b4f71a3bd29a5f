-- Runs that several agents share: their parts, each leased, carried out and tried again by itself. Whoever changes a
-- part holds the lock of its run's row.

-- Holds the runs whose parts are held one by one. It never ends, and it is no server and no agent.
INSERT INTO nodes (no, id, hostname, pid, version, started_at, lease_until, agent_no)
VALUES (-1, 'nod_parts', '', 0, '', 0, 9007199254740991, 0);

CREATE TABLE parts (
  run_no bigint NOT NULL,
  run_id text NOT NULL, -- by which its run is found: runs have no index by number
  due_at bigint NOT NULL, -- of its run
  part integer NOT NULL CHECK (part >= 0),
  total integer NOT NULL CHECK (total > part),
  pool_no bigint NOT NULL,
  agent_no bigint, -- the one it is for; null: any
  status text NOT NULL CHECK (status IN ('waiting', 'running', 'succeeded', 'failed', 'cancelled', 'unknown')),
  cause text NOT NULL, -- of the attempt under way, else of the next
  attempt integer NOT NULL CHECK (attempt >= 0), -- number of the last one; 0: none yet
  fence bigint NOT NULL CHECK (fence >= 0),
  ready_at bigint NOT NULL,
  start_by bigint,
  node_no bigint,
  leased_at bigint,
  message text,
  ended_at bigint,
  PRIMARY KEY (run_no, part),
  CHECK ((status = 'running') = (node_no IS NOT NULL)),
  CHECK ((node_no IS NULL) = (leased_at IS NULL)),
  CHECK ((status IN ('waiting', 'running')) = (ended_at IS NULL)),
  CHECK (status <> 'running' OR (attempt > 0 AND fence > 0))
);

CREATE INDEX parts_for_any ON parts (pool_no, ready_at, run_no, part) WHERE status = 'waiting' AND agent_no IS NULL;
CREATE INDEX parts_for_one ON parts (agent_no, ready_at, run_no) WHERE status = 'waiting' AND agent_no IS NOT NULL;
CREATE INDEX parts_held ON parts (node_no) WHERE node_no IS NOT NULL;
CREATE INDEX parts_start_by ON parts (start_by) WHERE status = 'waiting' AND start_by IS NOT NULL;

CREATE FUNCTION part_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL OR NEW.fence < OLD.fence OR NEW.attempt < OLD.attempt THEN
    RAISE EXCEPTION 'a part does not go this way: what has ended and old fences never change';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER parts_follow BEFORE UPDATE ON parts FOR EACH ROW EXECUTE FUNCTION part_follows();

ALTER TABLE attempts ADD COLUMN part integer; -- of its run; null: all of it
