-- Executions that `vireo import` brought: what they gave is another store's word.
CREATE TABLE imported (
    execution INTEGER PRIMARY KEY REFERENCES execution (id) ON DELETE CASCADE,
    bundle TEXT NOT NULL,               -- the name of the file
    time TEXT NOT NULL
) STRICT;

-- A digest over the row's other columns: an answer that was changed is not given.
DELETE FROM shortcut;
ALTER TABLE shortcut ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
