-- Numbers of runs and executions are never reused: a garbage collection in progress, or a process that was
-- suspended, may still refer to an old row by its number. A run whose cached result is reused counts as used.

-- Foreign keys are off while a migration runs, and are checked at its end. With the legacy form of ALTER TABLE,
-- views and foreign keys that name these tables stay as they are.
PRAGMA legacy_alter_table = ON;

CREATE TABLE new_run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pipeline TEXT NOT NULL,             -- its name
    path TEXT NOT NULL,                 -- of the pipeline file, as it was given
    source TEXT NOT NULL,               -- the file's text
    revision TEXT,                      -- git commit of the directory the file is in
    program TEXT NOT NULL,              -- version of vireo
    machine TEXT NOT NULL,              -- processor, kernels, memory: a JSON object
    started TEXT NOT NULL,
    finished TEXT,
    outcome TEXT NOT NULL DEFAULT 'running'
        CHECK (outcome IN ('running', 'done', 'failed', 'cancelled', 'interrupted')),
    runner INTEGER,                     -- the process that runs it; without a row in runner it is gone
    fingerprint TEXT,                   -- of file, parameters and executions: an equal run is not recorded again
    last_use INTEGER NOT NULL DEFAULT 0,    -- orders runs by when they began or last answered a repetition
    used TEXT,                          -- when it last answered a repetition; null if it never did
    CHECK ((outcome = 'running') = (finished IS NULL))
) STRICT;

INSERT INTO new_run
    (id, pipeline, path, source, revision, program, machine, started, finished, outcome, runner, fingerprint, last_use)
SELECT id, pipeline, path, source, revision, program, machine, started, finished, outcome, runner, fingerprint, id
FROM run;

DROP TABLE run;
ALTER TABLE new_run RENAME TO run;

CREATE INDEX run_fingerprint ON run (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX run_running ON run (id) WHERE outcome = 'running';
CREATE INDEX run_last_use ON run (last_use);

CREATE TABLE new_execution (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL CHECK (length(key) = 64),
    kind TEXT NOT NULL,                 -- the kind of stage, such as train.sft
    document TEXT NOT NULL,             -- JSON, in its canonical spelling
    state TEXT NOT NULL DEFAULT 'running'
        CHECK (state IN ('running', 'done', 'failed', 'cancelled', 'superseded')),
    attempt INTEGER NOT NULL CHECK (attempt >= 1),      -- counts the executions of one key
    started TEXT NOT NULL,
    finished TEXT,
    checkpoint INTEGER,                 -- the last step that survives an interruption
    error TEXT,                         -- why it failed
    cpu_seconds REAL,                   -- of the worker and the processes it waited for
    peak_memory INTEGER,                -- largest resident set of the worker, in bytes
    runner INTEGER,                     -- the process that does or did the work; null in what is older or imported
    UNIQUE (key, attempt),
    CHECK ((state = 'running') = (finished IS NULL)),
    CHECK (state <> 'failed' OR error IS NOT NULL)
) STRICT;

INSERT INTO new_execution
    (id, key, kind, document, state, attempt, started, finished, checkpoint, error, cpu_seconds, peak_memory, runner)
SELECT id, key, kind, document, state, attempt, started, finished, checkpoint, error, cpu_seconds, peak_memory, runner
FROM execution;

DROP TABLE execution;
ALTER TABLE new_execution RENAME TO execution;

CREATE UNIQUE INDEX execution_done ON execution (key) WHERE state = 'done';
CREATE UNIQUE INDEX execution_running ON execution (key) WHERE state = 'running';

PRAGMA legacy_alter_table = OFF;

-- Start above every number that a row still refers to.
INSERT INTO sqlite_sequence (name, seq)
SELECT 'run', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'run');
INSERT INTO sqlite_sequence (name, seq)
SELECT 'execution', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'execution');

UPDATE sqlite_sequence
SET seq = max(seq, ifnull((SELECT max(id) FROM seal WHERE subject = sqlite_sequence.name), 0))
WHERE name IN ('run', 'execution');
