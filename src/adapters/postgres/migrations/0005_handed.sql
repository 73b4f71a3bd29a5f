-- Attempts that someone outside finishes: they are held by no node, and each has a moment at which it is looked at. A row
-- is there as long as its run is outside.
INSERT INTO nodes (no, id, hostname, pid, version, started_at, lease_until, draining, agent_no)
VALUES (0, 'nod_outside', 'outside', 0, '', 0, 9007199254740991, false, 0); -- agent 0: no server, so no start ends it

CREATE TABLE handed (
  run_id text PRIMARY KEY,
  due_at bigint NOT NULL,
  accepted_at bigint, -- someone has begun with it
  look_at bigint, -- nothing heard by then says something too
  told boolean NOT NULL DEFAULT false -- it was asked to end, and whoever works on it was told
);

CREATE INDEX handed_look ON handed (look_at) WHERE look_at IS NOT NULL;

CREATE FUNCTION run_comes_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN DELETE FROM handed WHERE run_id = OLD.id; RETURN NULL; END $$;

CREATE TRIGGER runs_come_back AFTER UPDATE ON runs FOR EACH ROW
WHEN (OLD.node_no = 0 AND NEW.node_no IS DISTINCT FROM 0) EXECUTE FUNCTION run_comes_back();
