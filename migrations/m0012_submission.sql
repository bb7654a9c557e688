-- Stages that a batch system such as Slurm runs for this store. The rows of a submission are written before the
-- system is asked, so that a later process finds the jobs of a killed one, and waits for them instead of submitting
-- the stages again. They are removed when the stages have ended.
CREATE TABLE submission (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,          -- the name of the job, which no other job has
    shared TEXT NOT NULL,               -- the directory that all nodes see
    job TEXT,                           -- the id of the job; null until the system has answered
    time TEXT NOT NULL
) STRICT;

CREATE TABLE submitted_task (
    submission INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    key TEXT NOT NULL CHECK (length(key) = 64),
    attempt INTEGER NOT NULL,           -- the number in the name of its result
    place INTEGER NOT NULL,             -- the element of the array that runs it
    PRIMARY KEY (submission, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX submitted_task_key ON submitted_task (key);
