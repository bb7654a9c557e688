-- Several processes may write to one store. Each has a row in runner. A running execution that names a live
-- runner is the lease of this runner on the cache key: no other process works on it.

-- A process that writes to the store. It removes its row when it ends; the row of a process that died is
-- removed by the next process that opens the store.
CREATE TABLE runner (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given twice
    host TEXT NOT NULL,
    boot TEXT NOT NULL,                 -- which start of the machine: numbers and times below count from it
    namespace TEXT NOT NULL,            -- of process numbers, for containers have their own
    process INTEGER NOT NULL,
    process_start INTEGER NOT NULL,     -- in clock ticks: another process with the number has another one
    beat INTEGER NOT NULL               -- its last sign of life, in milliseconds of the monotonic clock
) STRICT;

-- The process that runs it, or does or did the work. Null in rows from before this column. If `runner` has no
-- row with this number, the process has ended.
ALTER TABLE run ADD COLUMN runner INTEGER;
ALTER TABLE execution ADD COLUMN runner INTEGER;

-- A digest of file, parameters and executions; a run with an equal one is not recorded again.
ALTER TABLE run ADD COLUMN fingerprint TEXT;

CREATE INDEX run_fingerprint ON run (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX run_running ON run (id) WHERE outcome = 'running';

-- A key has at most one running execution.
CREATE UNIQUE INDEX execution_running ON execution (key) WHERE state = 'running';

-- Cached digests of files that pipelines name, valid while device, inode, size and times are unchanged.
CREATE TABLE file_digest (
    path TEXT PRIMARY KEY,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    modified INTEGER NOT NULL,          -- nanoseconds since 1970, as `changed`
    changed INTEGER NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
) STRICT, WITHOUT ROWID;

-- Results of unchanged runs: a command whose files did not change gets the recorded result.
CREATE TABLE shortcut (
    question TEXT PRIMARY KEY,          -- digest of the program and its arguments
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    paths TEXT NOT NULL,                -- a JSON list of files and directories
    evidence TEXT NOT NULL              -- digest over the names, sizes and times of all files there
) STRICT, WITHOUT ROWID;

CREATE INDEX shortcut_run ON shortcut (run);
