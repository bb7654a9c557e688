-- What an artifact holds besides the bytes of its files, and what else an answer depends on.

-- Whether the file may be executed.
ALTER TABLE artifact_file ADD COLUMN executable INTEGER NOT NULL DEFAULT 0 CHECK (executable IN (0, 1));

-- Directories of an artifact with nothing in them. All others follow from the paths of files.
CREATE TABLE artifact_directory (
    artifact TEXT NOT NULL REFERENCES artifact (digest) ON DELETE CASCADE,
    path TEXT NOT NULL,
    PRIMARY KEY (artifact, path)
) STRICT, WITHOUT ROWID;

-- A JSON object: for each variable that a stage declares, a digest of its value, or null if it was not set.
ALTER TABLE shortcut ADD COLUMN environment TEXT NOT NULL DEFAULT '{}';
