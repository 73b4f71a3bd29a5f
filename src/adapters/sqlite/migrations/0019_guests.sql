-- People who came by an issuer have no key: their visit holds who they are and what they were granted (JSON).
ALTER TABLE visits ADD COLUMN guest TEXT;
