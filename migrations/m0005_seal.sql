-- Digests with which `vireo verify` compares archives and rows.

-- The SHA-256 digest of the archive file, which detects changes that unpacking does not; null for archives from
-- before this column.
ALTER TABLE artifact ADD COLUMN archive_sha256 TEXT CHECK (length(archive_sha256) = 64);

-- A digest of the rows of an execution or run that has ended: its inputs, outputs and metrics, or its
-- parameters, stages and events. Records need no seal, because they are compared with the archives.
CREATE TABLE seal (
    subject TEXT NOT NULL CHECK (subject IN ('execution', 'run')),
    id INTEGER NOT NULL,                -- of the execution or run
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    PRIMARY KEY (subject, id)
) STRICT, WITHOUT ROWID;
