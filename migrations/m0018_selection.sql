-- A candidate of a choice among models by their figures on validation questions.
CREATE TABLE selection (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    position INTEGER NOT NULL,          -- The place of the candidate among those of the stage, from 0.
    label TEXT NOT NULL,                -- The label of its evaluation.
    measure TEXT NOT NULL,              -- The figure that is compared, such as avg@4, over all levels.
    value REAL NOT NULL,                -- Its value.
    low REAL NOT NULL,                  -- The lower limit of its interval.
    high REAL NOT NULL,                 -- The upper limit of its interval.
    chosen INTEGER NOT NULL CHECK (chosen IN (0, 1)),   -- 1 for the model that the stage gives, otherwise 0.
    PRIMARY KEY (execution, output, position),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
