-- What studies of the method add.

-- Of reinforcement learning, where rollouts are what a policy learns from; null for other rollouts, and log_prob for
-- those from before this column.
ALTER TABLE rollout ADD COLUMN log_prob REAL;           -- at temperature 1
ALTER TABLE rollout ADD COLUMN step INTEGER;            -- the first optimizer step that learns from it
ALTER TABLE rollout ADD COLUMN reward REAL;
ALTER TABLE rollout ADD COLUMN advantage REAL;          -- null where dynamic sampling passed its group over

-- Which repetition of an experiment a figure is from, such as the number of its seed; null where there is one.
ALTER TABLE evaluation ADD COLUMN replicate INTEGER;

DROP INDEX evaluation_key;
CREATE UNIQUE INDEX evaluation_key
    ON evaluation (execution, output, label, ifnull(replicate, -1), measure, ifnull(level, -1));

-- Of a weighed trace: its length, end marker included. Null for weights from before this column.
ALTER TABLE trace_weight ADD COLUMN tokens INTEGER;

-- What a trace does, and which model wrote it.
CREATE TABLE trace_summary (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    label TEXT NOT NULL,                -- what tables call the model, such as forward-kl
    replicate INTEGER,                  -- as in evaluation
    step INTEGER NOT NULL,              -- how many training steps the model had
    question TEXT NOT NULL REFERENCES question (id),
    sample INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    steps INTEGER NOT NULL,             -- trials, or worked steps where a task has no trials
    claims_right INTEGER NOT NULL CHECK (claims_right IN (0, 1)),
    truly_right INTEGER NOT NULL CHECK (truly_right IN (0, 1)),     -- it ends with work that gives a correct answer
    leaks INTEGER NOT NULL CHECK (leaks IN (0, 1)),                 -- it states the answer without that work
    PRIMARY KEY (execution, question, sample, output),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- How much each method learns from questions of a kind: its weight on g = grad log P(Y_x|x), measured and exact.
CREATE TABLE gradient_mass (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    method TEXT NOT NULL,               -- such as grpo, rft-all, variational
    group_size INTEGER NOT NULL,        -- rollouts or traces a question, G or K
    low REAL NOT NULL,                  -- the questions' accuracy under the prior is above this
    high REAL NOT NULL,                 -- and at most this; 0 for questions that no rollout solves
    questions INTEGER NOT NULL,
    measured INTEGER NOT NULL,          -- those of them of which g can be measured, by two correct rollouts and a wrong one
    accuracy REAL,                      -- their mean, weighted by <g, g> as the weight is
    weight REAL,                        -- measured: <update, g> over <g, g>, each summed over questions
    weight_error REAL,                  -- its standard error over questions
    exact REAL,                         -- the exact curve, averaged as the weight is; for variational the share with an example
    gap_error REAL,                     -- the standard error of weight - exact; null where exact is no theorem
    loss_share REAL,                    -- of the sum of absolute loss weights of all questions
    gradient_share REAL,                -- of the norms of the bins' summed updates
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT;

CREATE UNIQUE INDEX gradient_mass_key ON gradient_mass (execution, output, method, group_size, high);

-- The figures of one arm of an experiment over all its replicates.
CREATE TABLE arm (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    label TEXT NOT NULL,                -- as in evaluation
    level INTEGER,
    measure TEXT NOT NULL,
    value REAL,
    low REAL,                           -- 95 % interval over replicates (Student)
    high REAL,
    questions INTEGER NOT NULL,
    replicates INTEGER NOT NULL,
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT;

CREATE UNIQUE INDEX arm_key ON arm (execution, output, label, measure, ifnull(level, -1));

-- What was measured of a claim. A claim may have several rows, one for each thing that was measured.
CREATE TABLE claim (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    position INTEGER NOT NULL,          -- in the table, from 0
    id TEXT NOT NULL,                   -- T1 to T16
    claim TEXT NOT NULL,                -- in words
    measured TEXT NOT NULL,             -- what was compared or computed, in words
    value REAL,
    low REAL,
    high REAL,
    unit TEXT NOT NULL,                 -- such as points, nats
    yardstick TEXT NOT NULL,            -- what the figure and its interval are, in words
    questions INTEGER,
    replicates INTEGER,
    finding TEXT NOT NULL CHECK (finding IN ('holds', 'does not hold', 'undecided')),
    PRIMARY KEY (execution, output, position),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
