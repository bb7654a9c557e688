-- What `vireo verify` compares archives and rows with.

-- SHA-256 of the archive's own bytes, so that a bit that changes nothing when unpacked is noticed too. Null for
-- archives from before this column.
ALTER TABLE artifact ADD COLUMN archive_sha256 TEXT CHECK (length(archive_sha256) = 64);

-- A digest over the rows of an execution or a run that has ended and no longer changes: itself, its inputs, outputs
-- and metrics, or its parameters, stages and events. Records need none, for they are compared with the archives.
CREATE TABLE seal (
    subject TEXT NOT NULL CHECK (subject IN ('execution', 'run')),
    id INTEGER NOT NULL,                -- of the execution or run
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    PRIMARY KEY (subject, id)
) STRICT, WITHOUT ROWID;
