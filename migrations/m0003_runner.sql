-- Several processes may write to one store. Each is a runner; a running execution that names a live runner is
-- the runner's lease on its key: nobody else works on it.

-- A process that is writing to the store. It leaves with its row; a row whose process died is removed by the
-- next one that opens the store.
CREATE TABLE runner (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given twice
    host TEXT NOT NULL,
    boot TEXT NOT NULL,                 -- which start of the machine: numbers and times below count from it
    namespace TEXT NOT NULL,            -- of process numbers, for containers have their own
    process INTEGER NOT NULL,
    process_start INTEGER NOT NULL,     -- in clock ticks: another process with the number has another one
    beat INTEGER NOT NULL               -- its last sign of life, in milliseconds of the monotonic clock
) STRICT;

-- Null in what was written before; otherwise whoever does or did the work. A number without a row is a runner
-- that is gone.
ALTER TABLE run ADD COLUMN runner INTEGER;
ALTER TABLE execution ADD COLUMN runner INTEGER;

-- Digest of the run's file, parameters and executions: a run that would repeat it is not recorded again.
ALTER TABLE run ADD COLUMN fingerprint TEXT;

CREATE INDEX run_fingerprint ON run (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX run_running ON run (id) WHERE outcome = 'running';

-- One attempt at a key at a time.
CREATE UNIQUE INDEX execution_running ON execution (key) WHERE state = 'running';

-- Digests of files that pipelines name, by what tells without reading that a file was changed.
CREATE TABLE file_digest (
    path TEXT PRIMARY KEY,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    modified INTEGER NOT NULL,          -- nanoseconds since 1970, as `changed`
    changed INTEGER NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
) STRICT, WITHOUT ROWID;

-- Answers that need no thought: a command that finds every file as it was comes to what `run` came to.
CREATE TABLE shortcut (
    question TEXT PRIMARY KEY,          -- digest of the program and its arguments
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    paths TEXT NOT NULL,                -- a JSON list of files and directories
    evidence TEXT NOT NULL              -- digest over the names, sizes and times of all files there
) STRICT, WITHOUT ROWID;

CREATE INDEX shortcut_run ON shortcut (run);
