-- What a project has used of a quota in the window that is being filled. Whoever gives turns holds its row.
CREATE TABLE quota_use (
  project_no bigint NOT NULL REFERENCES projects ON DELETE CASCADE,
  what text NOT NULL CHECK (what IN ('runs', 'log_bytes')),
  since bigint NOT NULL,
  used bigint NOT NULL CHECK (used >= 0),
  PRIMARY KEY (project_no, what)
);
