-- The schema of vireo.db, and its reference documentation.
--
-- Times are ISO 8601 text in UTC with milliseconds (2025-01-31T12:00:00.000Z), so that they sort as text.
-- Digests are 64 lower-case hexadecimal digits of SHA-256. Log-probabilities are in nats. The columns
-- `execution` and `output` of a record name the output of the execution that the record was read from. The same
-- trace seen through a filter is another row, so every number has one origin. The primary keys of records start
-- with execution, question and sample, because queries search in this order.

-- Runs and executions ------------------------------------------------------------------------------------

-- One invocation of a pipeline.
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
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
    CHECK ((outcome = 'running') = (finished IS NULL))
) STRICT;

-- The parameters of a run, after overrides.
CREATE TABLE param (
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,                -- JSON
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

-- One attempt at the work of a cache key. The key is a digest of kind, version, options, input digests and
-- declared files, which `document` lists. Runs share executions: a cached stage points to the execution that
-- did the work.
CREATE TABLE execution (
    id INTEGER PRIMARY KEY,
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
    UNIQUE (key, attempt),
    CHECK ((state = 'running') = (finished IS NULL)),
    CHECK (state <> 'failed' OR error IS NOT NULL)
) STRICT;

-- A key has at most one finished execution. If a second one is forced, the first becomes 'superseded'.
CREATE UNIQUE INDEX execution_done ON execution (key) WHERE state = 'done';

-- A stage of a run (each instance of a matrix is a stage), with its execution.
CREATE TABLE stage (
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    id TEXT NOT NULL,                   -- such as traces[shard=0]
    name TEXT NOT NULL,                 -- such as traces
    kind TEXT NOT NULL,
    ordinal INTEGER NOT NULL,           -- position in the plan
    execution INTEGER REFERENCES execution (id),
    outcome TEXT NOT NULL DEFAULT 'pending'
        CHECK (outcome IN ('pending', 'cached', 'ran', 'failed', 'cancelled', 'skipped')),
    reason TEXT,                        -- why it ran, or why it did not
    PRIMARY KEY (run, id),
    CHECK (outcome IN ('pending', 'skipped', 'cancelled', 'failed') OR execution IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX stage_execution ON stage (execution);

-- A point of a named series.
CREATE TABLE metric (
    execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    step INTEGER NOT NULL,
    value REAL,                         -- null where it was not a finite number
    PRIMARY KEY (execution, name, step)
) STRICT, WITHOUT ROWID;

-- Events of a run, as text.
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    execution INTEGER REFERENCES execution (id) ON DELETE CASCADE,
    time TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- started, finished, failed, cancelled
    text TEXT NOT NULL
) STRICT;

CREATE INDEX event_run ON event (run);
CREATE INDEX event_execution ON event (execution);

-- Artifacts and lineage ----------------------------------------------------------------------------------

-- A directory tree, stored as `objects/ab/DIGEST.tar.zst`.
CREATE TABLE artifact (
    digest TEXT PRIMARY KEY CHECK (length(digest) = 64),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),          -- of its files
    files INTEGER NOT NULL CHECK (files >= 0),
    archive_bytes INTEGER NOT NULL CHECK (archive_bytes > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE artifact_file (
    artifact TEXT NOT NULL REFERENCES artifact (digest) ON DELETE CASCADE,
    path TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    PRIMARY KEY (artifact, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE execution_output (
    execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    type TEXT NOT NULL,                 -- model, questions, dataset, traces, ...: what the files mean
    artifact TEXT NOT NULL REFERENCES artifact (digest),
    PRIMARY KEY (execution, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX execution_output_artifact ON execution_output (artifact);

-- The edges of lineage: which output of which execution was read. Gathered inputs have positions 0, 1, ...
CREATE TABLE execution_input (
    execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    artifact TEXT NOT NULL REFERENCES artifact (digest),
    producer INTEGER NOT NULL,
    output TEXT NOT NULL,
    PRIMARY KEY (execution, name, position),
    FOREIGN KEY (producer, output) REFERENCES execution_output (execution, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX execution_input_producer ON execution_input (producer, output);

-- Records ------------------------------------------------------------------------------------------------

-- A question x and a reference answer y'. The identifier is a digest of task, text, answer and source, so the
-- same question is the same row in every run.
CREATE TABLE question (
    id TEXT PRIMARY KEY,
    task TEXT NOT NULL,
    text TEXT NOT NULL,
    answer TEXT,
    level INTEGER,                      -- of difficulty
    source TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Which output contains which question, and for which split.
CREATE TABLE question_use (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    question TEXT NOT NULL REFERENCES question (id),
    split TEXT NOT NULL,
    PRIMARY KEY (execution, question, output),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- An example of a training set, in the order of the set.
CREATE TABLE example (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    position INTEGER NOT NULL,
    question TEXT NOT NULL REFERENCES question (id),
    trace TEXT,
    answer TEXT,
    weight REAL NOT NULL,               -- what its loss is multiplied by
    source TEXT NOT NULL,               -- demonstration or trace
    sample INTEGER,                     -- of the trace it was made from
    PRIMARY KEY (execution, output, position),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A thinking trace z drawn for a question. Its token ids are in the archive.
CREATE TABLE trace (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    question TEXT NOT NULL REFERENCES question (id),
    sample INTEGER NOT NULL CHECK (sample >= 0),
    text TEXT NOT NULL,                 -- without its end marker
    tokens INTEGER NOT NULL CHECK (tokens >= 0),
    finish TEXT NOT NULL CHECK (finish IN ('stop', 'length')),
    log_prob REAL,                      -- under the model that drew it
    PRIMARY KEY (execution, question, sample, output),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT;

-- The log-probability of a trace under a model that sees the question alone (prior) or also a hint (posterior).
CREATE TABLE trace_score (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    question TEXT NOT NULL REFERENCES question (id),
    sample INTEGER NOT NULL,
    conditioning TEXT NOT NULL CHECK (conditioning IN ('prior', 'posterior')),
    tokens INTEGER NOT NULL,
    log_prob REAL,
    mean_log_prob REAL,                 -- a token
    answer_tokens INTEGER,
    answer_log_prob REAL,               -- of the answer after the trace
    PRIMARY KEY (execution, question, sample, output),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- An answer drawn after a trace.
CREATE TABLE answer (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    question TEXT NOT NULL REFERENCES question (id),
    sample INTEGER NOT NULL,
    rollout INTEGER NOT NULL CHECK (rollout >= 0),
    text TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    finish TEXT NOT NULL CHECK (finish IN ('stop', 'length')),
    PRIMARY KEY (execution, question, sample, rollout, output),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Whether an answer is correct, and if not, the reason.
CREATE TABLE verdict (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    question TEXT NOT NULL REFERENCES question (id),
    sample INTEGER NOT NULL,
    rollout INTEGER NOT NULL,
    correct INTEGER NOT NULL CHECK (correct IN (0, 1)),
    reason TEXT,
    extracted TEXT,                     -- the answer as it was read
    PRIMARY KEY (execution, question, sample, rollout, output),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The importance weight of a trace among the traces of its question.
CREATE TABLE trace_weight (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    question TEXT NOT NULL REFERENCES question (id),
    sample INTEGER NOT NULL,
    estimator TEXT NOT NULL,            -- of the answer's likelihood: accuracy, geometric-mean, likelihood
    ratio TEXT NOT NULL,                -- of prior to posterior: geometric-mean, exact
    log_ratio REAL,
    log_likelihood REAL,                -- null for log 0
    log_rho REAL,                       -- null for log 0
    weight REAL NOT NULL,               -- normalised over the question's traces
    selected INTEGER NOT NULL CHECK (selected IN (0, 1)),
    answer TEXT,                        -- what to train on after the trace
    reason TEXT,                        -- why the trace is no candidate
    PRIMARY KEY (execution, question, sample, output),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The multi-trace bound L^K, averaged over questions, in total (null level) and by level.
CREATE TABLE bound (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    k INTEGER NOT NULL CHECK (k >= 1),
    level INTEGER,
    value REAL,
    low REAL,
    high REAL,
    questions INTEGER NOT NULL,
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT;

CREATE UNIQUE INDEX bound_key ON bound (execution, output, k, ifnull(level, -1));

-- A row that a stage left out, with the reason. A null sample means the whole question.
CREATE TABLE exclusion (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    question TEXT NOT NULL REFERENCES question (id),
    sample INTEGER,
    reason TEXT NOT NULL,
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT;

CREATE INDEX exclusion_key ON exclusion (execution, question, sample);

-- A judged completion of a question, from an evaluation, a sampling stage or a training.
CREATE TABLE rollout (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    question TEXT NOT NULL REFERENCES question (id),
    sample INTEGER NOT NULL,
    trace TEXT,
    answer TEXT,
    correct INTEGER NOT NULL CHECK (correct IN (0, 1)),
    reason TEXT,
    tokens INTEGER NOT NULL,
    finish TEXT NOT NULL CHECK (finish IN ('stop', 'length')),
    PRIMARY KEY (execution, question, sample, output),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT;

-- A measured figure with its interval, in total (null level) and by level.
CREATE TABLE evaluation (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    label TEXT NOT NULL,                -- what tables call the model
    level INTEGER,
    measure TEXT NOT NULL,              -- such as avg@4, pass@4
    value REAL,
    low REAL,
    high REAL,
    questions INTEGER NOT NULL,
    samples INTEGER NOT NULL,           -- completions a question
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT;

CREATE UNIQUE INDEX evaluation_key
    ON evaluation (execution, output, label, measure, ifnull(level, -1));

-- To find the executions in which a question occurs.
CREATE INDEX trace_question ON trace (question);
CREATE INDEX question_use_question ON question_use (question);
CREATE INDEX rollout_question ON rollout (question);

-- Views for common questions -----------------------------------------------------------------------------

-- One row per run.
CREATE VIEW run_summary AS
SELECT
    run.id AS run,
    run.pipeline,
    run.outcome,
    run.started,
    run.finished,
    round((julianday(run.finished) - julianday(run.started)) * 86400, 3) AS seconds,
    count(stage.id) AS stages,
    count(*) FILTER (WHERE stage.outcome = 'cached') AS cached,
    count(*) FILTER (WHERE stage.outcome = 'ran') AS ran,
    count(*) FILTER (WHERE stage.outcome = 'failed') AS failed,
    count(*) FILTER (WHERE stage.outcome IN ('pending', 'cancelled', 'skipped')) AS missing,
    round(sum(execution.cpu_seconds) FILTER (WHERE stage.outcome <> 'cached'), 3) AS cpu_seconds
FROM run
LEFT JOIN stage ON stage.run = run.id
LEFT JOIN execution ON execution.id = stage.execution
GROUP BY run.id;

-- How long each stage of a run took; for a cached stage, the execution that did the work.
CREATE VIEW stage_timing AS
SELECT
    stage.run,
    stage.id AS stage,
    stage.kind,
    stage.outcome,
    execution.id AS execution,
    execution.attempt,
    execution.started,
    execution.finished,
    round((julianday(execution.finished) - julianday(execution.started)) * 86400, 3) AS seconds,
    execution.cpu_seconds,
    execution.peak_memory
FROM stage
LEFT JOIN execution ON execution.id = stage.execution;

-- Every execution with every execution that it depends on. Distance 1 means that it read one of its outputs.
CREATE VIEW lineage AS
WITH RECURSIVE path (execution, ancestor, distance) AS (
    SELECT execution, producer, 1 FROM execution_input
    UNION
    SELECT path.execution, execution_input.producer, path.distance + 1
    FROM path
    JOIN execution_input ON execution_input.execution = path.ancestor
)
SELECT
    path.execution,
    path.ancestor,
    min(path.distance) AS distance,
    execution.kind AS ancestor_kind
FROM path
JOIN execution ON execution.id = path.ancestor
GROUP BY path.execution, path.ancestor;

-- The accuracy figures of every run.
CREATE VIEW accuracy_by_level AS
SELECT
    stage.run,
    stage.id AS stage,
    evaluation.label,
    evaluation.level,
    evaluation.measure,
    evaluation.value,
    evaluation.low,
    evaluation.high,
    evaluation.questions
FROM stage
JOIN evaluation ON evaluation.execution = stage.execution;

-- Every trace with its question, scores, accuracy and weight, joined along the recorded lineage. A trace that
-- was weighed twice, such as by two estimators, has two rows; `weighing` is the execution that weighed it, or
-- null. The scores are those that the weighing read as `prior` and `posterior`, the verdicts are those that it
-- read, and the trace is the one that was scored.
CREATE VIEW trace_overview AS
WITH weighed AS (
    SELECT DISTINCT
        traces.producer AS execution,
        traces.output AS output,
        prior.execution AS weighing,
        prior.producer AS prior_execution,
        prior.output AS prior_output
    FROM execution_input AS prior
    JOIN execution_input AS traces
        ON traces.execution = prior.producer AND traces.name = 'traces'
    WHERE prior.name = 'prior'
)
SELECT
    trace.execution,
    trace.output,
    weighed.weighing,
    trace.question,
    trace.sample,
    question.text AS question_text,
    question.level,
    question.answer AS reference,
    trace.text AS trace,
    trace.tokens,
    trace.finish,
    prior.log_prob AS prior_log_prob,
    (
        SELECT posterior.log_prob
        FROM execution_input
        JOIN trace_score AS posterior
            ON posterior.execution = execution_input.producer
            AND posterior.output = execution_input.output
            AND posterior.question = trace.question
            AND posterior.sample = trace.sample
        WHERE execution_input.execution = weighed.weighing AND execution_input.name = 'posterior'
    ) AS posterior_log_prob,
    (
        SELECT avg(verdict.correct)
        FROM execution_input
        JOIN verdict
            ON verdict.execution = execution_input.producer
            AND verdict.output = execution_input.output
            AND verdict.question = trace.question
            AND verdict.sample = trace.sample
        WHERE execution_input.execution = weighed.weighing AND execution_input.name = 'verdicts'
    ) AS accuracy,
    trace_weight.estimator,
    trace_weight.ratio,
    trace_weight.log_rho,
    trace_weight.weight,
    trace_weight.selected,
    trace_weight.reason
FROM trace
JOIN question ON question.id = trace.question
LEFT JOIN weighed ON weighed.execution = trace.execution AND weighed.output = trace.output
LEFT JOIN trace_score AS prior
    ON prior.execution = weighed.prior_execution
    AND prior.output = weighed.prior_output
    AND prior.question = trace.question
    AND prior.sample = trace.sample
LEFT JOIN trace_weight
    ON trace_weight.execution = weighed.weighing
    AND trace_weight.question = trace.question
    AND trace_weight.sample = trace.sample;

-- The effective sample size (sum of w)^2 / sum of w^2 of the traces of each question; null if no weight is
-- positive.
CREATE VIEW effective_sample_size AS
SELECT
    execution,
    output,
    question,
    count(*) AS traces,
    sum(weight) * sum(weight) / nullif(sum(weight * weight), 0) AS size
FROM trace_weight
GROUP BY execution, output, question;
