-- People at the page: tickets that are exchanged once, and the visits they become. Only hashes.
CREATE TABLE visits (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind = 'ticket' OR kind = 'visit'),
  hash TEXT NOT NULL UNIQUE,
  key_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX visits_expiry ON visits (expires_at);
