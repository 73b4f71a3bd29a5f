-- What a project has used of a quota in the window that is being filled.
CREATE TABLE quota_use (
  project_no INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
  what TEXT NOT NULL CHECK (what IN ('runs', 'log_bytes')),
  since INTEGER NOT NULL,
  used INTEGER NOT NULL CHECK (used >= 0),
  PRIMARY KEY (project_no, what)
) STRICT, WITHOUT ROWID;
