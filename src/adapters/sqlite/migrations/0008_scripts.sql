-- What was uploaded; the content is a blob.
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

CREATE TRIGGER projects_take_their_scripts AFTER DELETE ON projects
BEGIN DELETE FROM scripts WHERE project_no = OLD.no; END;

CREATE TRIGGER scripts_take_their_blobs AFTER DELETE ON scripts
BEGIN INSERT INTO discarded (prefix) VALUES (OLD.blob); END;
