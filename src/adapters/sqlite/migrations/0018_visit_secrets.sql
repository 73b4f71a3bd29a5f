-- A visit, and a ticket, ends with the secret of its key that it was made with: a rotation puts out whoever came in by the old
-- one. Those that are there end at the next rotation. null: made by a server of an earlier version.
ALTER TABLE visits ADD COLUMN key_hash TEXT;
UPDATE visits SET key_hash = (SELECT hash FROM keys WHERE keys.id = visits.key_id);
