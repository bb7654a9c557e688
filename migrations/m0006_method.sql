-- Tables, columns and views for studies of the method.

-- Columns of rollouts that a policy learns from, in reinforcement learning. They are null for other rollouts;
-- log_prob is also null for rollouts from before this column.
ALTER TABLE rollout ADD COLUMN log_prob REAL;           -- at temperature 1
ALTER TABLE rollout ADD COLUMN step INTEGER;            -- the first optimizer step that learns from it
ALTER TABLE rollout ADD COLUMN reward REAL;
ALTER TABLE rollout ADD COLUMN advantage REAL;          -- null if dynamic sampling did not use its group

-- The replicate of the experiment, such as the number of its seed; null if there is one.
ALTER TABLE evaluation ADD COLUMN replicate INTEGER;

DROP INDEX evaluation_key;
CREATE UNIQUE INDEX evaluation_key
    ON evaluation (execution, output, label, ifnull(replicate, -1), measure, ifnull(level, -1));

-- The number of tokens of the trace with its end mark; null for weights from before this column.
ALTER TABLE trace_weight ADD COLUMN tokens INTEGER;

-- The analysis of a trace, with the model that wrote it.
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

-- How much each method learns from questions of an accuracy: its weight on g = grad log P(Y_x|x), measured and
-- exact.
CREATE TABLE gradient_mass (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    method TEXT NOT NULL,               -- such as grpo, rft-all, variational
    group_size INTEGER NOT NULL,        -- rollouts or traces a question, G or K
    low REAL NOT NULL,                  -- the questions' accuracy under the prior is above this
    high REAL NOT NULL,                 -- and at most this; 0 for questions that no rollout solves
    questions INTEGER NOT NULL,
    measured INTEGER NOT NULL,          -- those of them of which g can be measured, by two correct rollouts, dapo by a mixed group too
    accuracy REAL,                      -- their mean, weighted by <g, g> as the weight is
    weight REAL,                        -- measured: <update, g> over <g, g>, each summed over questions
    weight_error REAL,                  -- its standard error over questions
    exact REAL,                         -- the exact curve, averaged as the weight is; null for a method without one
    gap_error REAL,                     -- the standard error of weight - exact; null for dapo, and without exact
    loss_share REAL,                    -- of the sum of absolute loss weights of all questions
    gradient_share REAL,                -- of the norms of the bins' summed updates, of one group a question
    example_share REAL,                 -- of variational: the share of the questions with an example
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
    low REAL,                           -- 95 % interval over replicates (Student); of one, clustered by question
    high REAL,
    questions INTEGER NOT NULL,
    replicates INTEGER NOT NULL,
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT;

CREATE UNIQUE INDEX arm_key ON arm (execution, output, label, measure, ifnull(level, -1));

-- A measurement of a claim. A claim has one row per measurement.
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

-- Views on a run -----------------------------------------------------------------------------------------
--
-- Select one run, as in SELECT * FROM accuracy_by_arm WHERE run = 3. `stage` is an instance of a stage; `name`
-- is a stage with all its instances. The instances of a matrix, such as those for several seeds, are pooled if
-- they have the same K (traces per question), estimator, ratio, method and group size. Means of means use
-- window functions: SQLite does not push a condition on the run through a second GROUP BY.

-- The accuracy of each arm, in total (null level) and by level: the figures over replicates that a stage
-- compared, and single evaluations (null replicates) for measures of labels that no stage compared. A
-- comparison may have read an older evaluation than that of this run, if both have the same artifact. Sort by
-- `ordinal` and `position`.
CREATE VIEW accuracy_by_arm AS
SELECT
    stage.run,
    stage.id AS stage,
    stage.ordinal,
    arm.rowid AS position,
    arm.label,
    arm.level,
    arm.measure,
    arm.value,
    arm.low,
    arm.high,
    arm.questions,
    arm.replicates
FROM stage
JOIN arm ON arm.execution = stage.execution
UNION ALL
SELECT
    stage.run,
    stage.id,
    stage.ordinal,
    evaluation.rowid,
    evaluation.label,
    evaluation.level,
    evaluation.measure,
    evaluation.value,
    evaluation.low,
    evaluation.high,
    evaluation.questions,
    NULL
FROM stage
JOIN evaluation ON evaluation.execution = stage.execution
WHERE NOT EXISTS (
    SELECT *
    FROM execution_output AS made
    JOIN execution_output AS same ON same.artifact = made.artifact
    JOIN execution_input AS input ON input.producer = same.execution AND input.output = same.name
    JOIN stage AS comparison ON comparison.execution = input.execution
    JOIN arm ON arm.execution = input.execution
    WHERE made.execution = evaluation.execution AND made.name = evaluation.output
        AND comparison.run = stage.run
        AND arm.label = evaluation.label AND arm.measure = evaluation.measure
);

-- The multi-trace bound L^K by the number of traces, in total (null level) and by level.
CREATE VIEW bound_by_traces AS
SELECT
    stage.run,
    stage.id AS stage,
    stage.ordinal,
    bound.level,
    bound.k,
    bound.value,
    bound.low,
    bound.high,
    bound.questions
FROM stage
JOIN bound ON bound.execution = stage.execution;

-- The distribution of normalised weights: for each estimator and ratio, how many traces have a weight from
-- `low` to `high` (excluding `high`, except 1), and their share. A bin without traces has no row. K is the
-- largest sample number plus 1, because traces may have been left out.
CREATE VIEW weight_histogram AS
SELECT DISTINCT
    run,
    name,
    estimator,
    ratio,
    k,
    bin / 10.0 AS low,
    (bin + 1) / 10.0 AS high,
    sum(traces) OVER same AS traces,
    1.0 * sum(traces) OVER same / total AS share
FROM (
    SELECT
        *,
        sum(traces) OVER (PARTITION BY run, name, estimator, ratio, k) AS total
    FROM (
        SELECT
            stage.run,
            stage.name,
            trace_weight.estimator,
            trace_weight.ratio,
            max(max(trace_weight.sample)) OVER (PARTITION BY stage.run, stage.id, output) + 1 AS k,
            min(CAST(trace_weight.weight * 10 AS INTEGER), 9) AS bin,
            count(*) AS traces
        FROM stage
        JOIN trace_weight ON trace_weight.execution = stage.execution
        GROUP BY stage.run, stage.id, output, estimator, ratio, bin
    )
)
WINDOW same AS (PARTITION BY run, name, estimator, ratio, k, bin);

-- Whether weights degenerate as traces grow: questions sorted by the mean length of their traces, in ten equal
-- bins, with the mean length and the mean effective sample size (sum of w)^2 / sum of w^2 as a share of the
-- traces. Questions without a positive weight and weights without a length are left out. K is that of
-- `weight_histogram`.
CREATE VIEW effective_size_by_length AS
SELECT DISTINCT
    run,
    name,
    estimator,
    ratio,
    k,
    bin,
    count(*) OVER same AS questions,
    avg(tokens) OVER same AS tokens,
    avg(share) OVER same AS share
FROM (
    SELECT
        *,
        ntile(10) OVER (PARTITION BY run, name, estimator, ratio, k ORDER BY tokens) AS bin
    FROM (
        SELECT
            stage.run,
            stage.name,
            trace_weight.estimator,
            trace_weight.ratio,
            max(max(trace_weight.sample)) OVER (PARTITION BY stage.run, stage.id, output) + 1 AS k,
            avg(trace_weight.tokens) AS tokens,
            sum(weight) * sum(weight) / sum(weight * weight) / count(*) AS share
        FROM stage
        JOIN trace_weight ON trace_weight.execution = stage.execution
        WHERE trace_weight.tokens IS NOT NULL
        GROUP BY stage.run, stage.id, question, output, estimator, ratio
        HAVING sum(weight * weight) > 0
    )
)
WINDOW same AS (PARTITION BY run, name, estimator, ratio, k, bin);

-- How much each method learns from questions with an accuracy above `low` and at most `high` (0 is in the first
-- bin). The values are means over the questions of all instances of a stage; only measured questions count,
-- unless none of a bin can be measured. The standard error assumes independent questions. `example_share`
-- counts all questions.
CREATE VIEW gradient_mass_by_accuracy AS
SELECT
    run,
    name,
    method,
    group_size,
    low,
    high,
    count(*) AS replicates,
    sum(questions) AS questions,
    sum(counted * accuracy) / sum(counted) FILTER (WHERE accuracy IS NOT NULL) AS accuracy,
    sum(counted * weight) / sum(counted) FILTER (WHERE weight IS NOT NULL) AS weight,
    sqrt(sum(counted * weight_error * counted * weight_error))
        / sum(counted) FILTER (WHERE weight_error IS NOT NULL) AS weight_error,
    sum(counted * exact) / sum(counted) FILTER (WHERE exact IS NOT NULL) AS exact,
    sum(questions * example_share) / sum(questions) FILTER (WHERE example_share IS NOT NULL)
        AS example_share,
    avg(loss_share) AS loss_share,
    avg(gradient_share) AS gradient_share
FROM (
    SELECT
        stage.run,
        stage.name,
        gradient_mass.*,
        iif(measured = 0, questions, measured) AS counted
    FROM stage
    JOIN gradient_mass ON gradient_mass.execution = stage.execution
)
GROUP BY run, name, method, group_size, low, high;

-- The probability of a correct answer among k completions. The mean of single completions is pass@1.
CREATE VIEW pass_at_k AS
SELECT
    run,
    stage,
    ordinal,
    position,
    label,
    level,
    iif(measure LIKE 'avg@%', 1, CAST(substr(measure, 6) AS INTEGER)) AS k,
    value,
    low,
    high,
    replicates
FROM accuracy_by_arm
WHERE measure LIKE 'pass@%' OR measure LIKE 'avg@%';

-- The traces of a posterior over its training: means over replicates, with the least and the greatest
-- replicate.
CREATE VIEW posterior_training AS
SELECT DISTINCT
    run,
    label,
    step,
    count(*) OVER same AS replicates,
    sum(traces) OVER same AS traces,
    avg(tokens) OVER same AS tokens,
    min(tokens) OVER same AS tokens_least,
    max(tokens) OVER same AS tokens_most,
    avg(steps) OVER same AS steps,
    avg(claims_right) OVER same AS claims_right,
    avg(truly_right) OVER same AS truly_right,
    min(truly_right) OVER same AS truly_right_least,
    max(truly_right) OVER same AS truly_right_most,
    avg(leaks) OVER same AS leak_rate,
    min(leaks) OVER same AS leak_rate_least,
    max(leaks) OVER same AS leak_rate_most
FROM (
    SELECT
        stage.run,
        summary.label,
        summary.step,
        count(*) AS traces,
        avg(summary.tokens) AS tokens,
        avg(summary.steps) AS steps,
        avg(summary.claims_right) AS claims_right,
        avg(summary.truly_right) AS truly_right,
        avg(summary.leaks) AS leaks
    FROM stage
    JOIN trace_summary AS summary ON summary.execution = stage.execution
    GROUP BY stage.run, summary.label, summary.step, summary.replicate
)
WINDOW same AS (PARTITION BY run, label, step);

-- The progress of reinforcement learning, for every stage with a reward. Values that describe a batch of
-- rollouts are null for steps that learn from a batch again; `kl` is null without a penalty.
CREATE VIEW rl_progress AS
SELECT
    stage.run,
    stage.id AS stage,
    stage.ordinal,
    point.step,
    max(point.value) FILTER (WHERE series.name = 'reward') AS reward,
    max(point.value) FILTER (WHERE series.name = 'accuracy') AS accuracy,
    max(point.value) FILTER (WHERE series.name = 'kl') AS kl,
    max(point.value) FILTER (WHERE series.name = 'entropy') AS entropy,
    max(point.value) FILTER (WHERE series.name = 'rollout_tokens') AS tokens,
    max(point.value) FILTER (WHERE series.name = 'degenerate_groups') AS degenerate_groups,
    max(point.value) FILTER (WHERE series.name = 'clip_fraction') AS clip_fraction
FROM stage
JOIN series AS reward ON reward.execution = stage.execution AND reward.name = 'reward'
JOIN series
    ON series.execution = stage.execution
    AND series.name IN (
        'reward', 'accuracy', 'kl', 'entropy', 'rollout_tokens', 'degenerate_groups',
        'clip_fraction'
    )
JOIN metric_point AS point ON point.series = series.id
GROUP BY stage.run, stage.id, point.step;

-- The claims with their findings. Sort by `ordinal` and `position`.
CREATE VIEW claim_table AS
SELECT
    stage.run,
    stage.id AS stage,
    stage.ordinal,
    claim.position,
    claim.id,
    claim.claim,
    claim.measured,
    claim.value,
    claim.low,
    claim.high,
    claim.unit,
    claim.yardstick,
    claim.questions,
    claim.replicates,
    claim.finding
FROM stage
JOIN claim ON claim.execution = stage.execution;
