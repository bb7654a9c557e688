-- Executions that `vireo import` added. Their results were computed in another store.
CREATE TABLE imported (
    execution INTEGER PRIMARY KEY REFERENCES execution (id) ON DELETE CASCADE,
    bundle TEXT NOT NULL,               -- the name of the file
    time TEXT NOT NULL
) STRICT;

-- A digest of the other columns of the row; a damaged row is not used.
DELETE FROM shortcut;
ALTER TABLE shortcut ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
