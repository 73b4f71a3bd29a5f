-- Sealed: what is in the database does not open what is in the database.
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

CREATE INDEX secrets_by_key ON secrets (key_id);

CREATE TRIGGER projects_take_their_secrets AFTER DELETE ON projects
BEGIN DELETE FROM secrets WHERE project_no = OLD.no; END;
