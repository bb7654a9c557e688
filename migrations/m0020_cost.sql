-- What each evaluated model cost, so that arms can be compared at equal cost.

-- The work behind each evaluated model: sums over all distinct executions that the model descends from, through any
-- input; of the candidates of a `select.model`, only the chosen one counts. Pretraining (`train.pretrain`), which arms
-- usually share, has columns of its own; the evaluation itself is not counted. Tokens and calls are the totals that
-- stages report at step 0; `unmeasured` counts executions of an earlier version that sampled, scored, trained or judged
-- and did not report how much. Sort by `ordinal`.
CREATE VIEW arm_cost AS
WITH RECURSIVE ancestor (evaluation, execution) AS (
    SELECT execution, producer
    FROM execution_input
    WHERE name = 'model' AND execution IN (SELECT execution FROM evaluation)
    UNION
    SELECT ancestor.evaluation, input.producer
    FROM ancestor
    JOIN execution_input AS input ON input.execution = ancestor.execution
    WHERE NOT EXISTS (
        SELECT 1 FROM selection
        WHERE selection.execution = input.execution
            AND (input.name <> 'models' OR selection.position = input.position AND selection.chosen = 0)
    )
), work AS MATERIALIZED (
    SELECT
        execution.id AS execution,
        execution.kind = 'train.pretrain' AS is_pretraining,
        execution.kind GLOB 'sample.*' OR execution.kind IN ('score', 'verify')
            OR execution.kind GLOB 'train.*' AND execution.kind <> 'train.tokenizer' AS is_measured,
        (
            SELECT value FROM metric
            WHERE metric.execution = execution.id AND name = 'generated_tokens' AND step = 0
        ) AS generated,
        (
            SELECT value FROM metric
            WHERE metric.execution = execution.id AND name = 'scored_tokens' AND step = 0
        ) AS scored,
        (
            SELECT value FROM metric
            WHERE metric.execution = execution.id AND name = 'trained_tokens' AND step = 0
        ) AS trained,
        (
            SELECT value FROM metric
            WHERE metric.execution = execution.id AND name = 'verifier_calls' AND step = 0
        ) AS calls,
        -- Attempts that ended early did a part of the work, or lost it.
        (
            SELECT sum(attempt.cpu_seconds) FROM execution AS attempt
            WHERE attempt.key = execution.key AND attempt.attempt <= execution.attempt
                AND (attempt.id = execution.id OR attempt.state IN ('failed', 'cancelled'))
        ) AS seconds
    FROM execution
    WHERE execution.id IN (SELECT execution FROM ancestor)
), total AS MATERIALIZED (
    SELECT
        ancestor.evaluation AS execution,
        sum(generated) FILTER (WHERE NOT is_pretraining) AS generated,
        sum(scored) FILTER (WHERE NOT is_pretraining) AS scored,
        sum(trained) FILTER (WHERE NOT is_pretraining) AS trained,
        sum(calls) FILTER (WHERE NOT is_pretraining) AS calls,
        sum(seconds) FILTER (WHERE NOT is_pretraining) AS seconds,
        sum(trained) FILTER (WHERE is_pretraining) AS pretrained,
        sum(seconds) FILTER (WHERE is_pretraining) AS pretraining_seconds,
        count(*) FILTER (
            WHERE is_measured AND coalesce(generated, scored, trained, calls) IS NULL
        ) AS unmeasured
    FROM ancestor
    JOIN work ON work.execution = ancestor.execution
    GROUP BY ancestor.evaluation
)
SELECT DISTINCT
    stage.run,
    stage.id AS stage,
    stage.ordinal,
    evaluation.label,
    evaluation.replicate,
    CAST(ifnull(total.generated, 0) AS INTEGER) AS generated_tokens,
    CAST(ifnull(total.scored, 0) AS INTEGER) AS scored_tokens,
    CAST(ifnull(total.trained, 0) AS INTEGER) AS trained_tokens,
    CAST(ifnull(total.calls, 0) AS INTEGER) AS verifier_calls,
    ifnull(total.seconds, 0.0) AS cpu_seconds,
    CAST(ifnull(total.pretrained, 0) AS INTEGER) AS pretraining_tokens,
    ifnull(total.pretraining_seconds, 0.0) AS pretraining_seconds,
    total.unmeasured
FROM stage
JOIN evaluation ON evaluation.execution = stage.execution
JOIN total ON total.execution = stage.execution;
