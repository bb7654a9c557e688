-- Parts of an artifact besides the bytes of its files, and the environment that a cached result depends on.

-- 1 if the file is executable, otherwise 0.
ALTER TABLE artifact_file ADD COLUMN executable INTEGER NOT NULL DEFAULT 0 CHECK (executable IN (0, 1));

-- The empty directories of an artifact. All other directories follow from the paths of its files.
CREATE TABLE artifact_directory (
    artifact TEXT NOT NULL REFERENCES artifact (digest) ON DELETE CASCADE,
    path TEXT NOT NULL,
    PRIMARY KEY (artifact, path)
) STRICT, WITHOUT ROWID;

-- A JSON object with a digest of the value of each variable that a stage declares, or null if it was not set.
ALTER TABLE shortcut ADD COLUMN environment TEXT NOT NULL DEFAULT '{}';
