-- What attempts on agents tell of themselves while they go on, each under its fence. Gone when nobody holds the run any more.
CREATE TABLE tidings (
  run_id TEXT NOT NULL,
  fence INTEGER NOT NULL,
  heard_at INTEGER NOT NULL,
  progress REAL, -- from 0 to 1
  message TEXT,
  ends_by INTEGER, -- it may take until then, longer than its policy says
  PRIMARY KEY (run_id, fence)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER runs_end_tidings AFTER UPDATE OF node_no ON runs
WHEN OLD.pool_no > 0 AND OLD.node_no IS NOT NULL AND NEW.node_no IS NULL
BEGIN DELETE FROM tidings WHERE run_id = OLD.id; END;
