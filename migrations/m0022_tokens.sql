-- Token-level scores, and the times of metrics.

-- The log-probability of each token of a scored trace, for traces whose scoring recorded it. Totals are in
-- `trace_score`; these values are rounded.
CREATE TABLE token_score (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    question TEXT NOT NULL REFERENCES question (id),
    sample INTEGER NOT NULL,
    log_probs TEXT NOT NULL,            -- JSON array with a number for each token, in nats, to three decimals
    ends TEXT,                          -- JSON array: where the text of each token ends, in UTF-8 bytes of the trace
    PRIMARY KEY (execution, question, sample, output),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- When the first value of a step was recorded. Each attempt is an execution with times of its own. Points that are
-- written again keep their time: after an interruption, all that an attempt reported is read once more from its log,
-- and gets the same values. Executions from before this table, and results of a shared cache, have no times.
CREATE TABLE metric_clock (
    execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    time TEXT NOT NULL,
    PRIMARY KEY (execution, step)
) STRICT, WITHOUT ROWID;

-- The log-probability of each token of `token_score`, in nats, with its position from 0. Restrict it with
-- `WHERE execution = N AND question = Q`.
CREATE VIEW token_log_prob AS
SELECT
    score.execution,
    score.output,
    score.question,
    score.sample,
    token.key AS position,
    token.value AS log_prob
FROM token_score AS score
JOIN json_each(score.log_probs) AS token;
