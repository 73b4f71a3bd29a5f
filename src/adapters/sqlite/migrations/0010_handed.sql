-- Attempts that someone outside finishes: they are held by no node, and each has a moment at which it is looked at. A row
-- is there as long as its run is outside.
INSERT INTO nodes (no, id, hostname, pid, version, started_at, lease_until, agent_no)
VALUES (0, 'nod_outside', 'outside', 0, '', 0, 9007199254740991, 0); -- agent 0: no server, so no start ends it

CREATE TABLE handed (
  run_no INTEGER PRIMARY KEY,
  accepted_at INTEGER, -- someone has begun with it
  look_at INTEGER, -- nothing heard by then says something too
  told INTEGER NOT NULL DEFAULT 0 -- it was asked to end, and whoever works on it was told
) STRICT;

CREATE INDEX handed_look ON handed (look_at) WHERE look_at IS NOT NULL;

CREATE TRIGGER runs_come_back AFTER UPDATE OF node_no ON runs WHEN OLD.node_no = 0 AND NEW.node_no IS NOT 0
BEGIN DELETE FROM handed WHERE run_no = OLD.no; END;
