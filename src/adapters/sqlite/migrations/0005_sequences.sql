-- Numbers given out one after the other, each once: ids of replaced systems are numbers.
CREATE TABLE sequences (
  name TEXT PRIMARY KEY,
  next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
