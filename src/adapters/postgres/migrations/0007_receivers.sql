-- What those outside tell of an attempt while it goes on, and until when it may take longer than its policy says.
ALTER TABLE handed ADD COLUMN heard_at bigint; -- null: nothing was heard since it was handed over
ALTER TABLE handed ADD COLUMN progress double precision; -- from 0 to 1
ALTER TABLE handed ADD COLUMN message text;
ALTER TABLE handed ADD COLUMN ends_by bigint;

-- What all servers of a store must know and nobody else: made by the first that needs it.
CREATE TABLE server_secrets (
  name text PRIMARY KEY,
  value text NOT NULL
);
