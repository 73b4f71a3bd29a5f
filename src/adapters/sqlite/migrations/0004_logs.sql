-- One log for each part of an attempt; its bytes are blobs. A log with no row: nothing of it has arrived.
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

CREATE INDEX logs_open ON logs (run_no, attempt) WHERE sealed_at IS NULL;

CREATE TRIGGER logs_stay BEFORE UPDATE ON logs WHEN OLD.sealed_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a sealed log never changes'); END;

-- Prefixes of blobs that no row names any more, until they are deleted.
CREATE TABLE discarded (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  prefix TEXT NOT NULL
) STRICT;

CREATE TRIGGER runs_take_their_logs AFTER DELETE ON runs
WHEN EXISTS (SELECT 1 FROM logs WHERE run_no = OLD.no)
BEGIN
  DELETE FROM logs WHERE run_no = OLD.no;
  INSERT INTO discarded (prefix) VALUES ('logs/' || OLD.id || '/');
END;
