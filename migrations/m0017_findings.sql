-- Claims with p-values, adjusted findings and power, and the accuracy of each replicate.

-- 1 for the one claim that was named before the run, which is tested alone, otherwise 0.
ALTER TABLE claim ADD COLUMN is_primary INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1));

-- The two-sided p-value of the finding, at most 0.05 if the 95 % interval decides; of a claim to lie within a band,
-- twice the larger of the p-values of two one-sided tests. Null for a figure without Student's interval, and for
-- claims from before this column.
ALTER TABLE claim ADD COLUMN p_value REAL;

-- The finding at 5 % for all claims of the stage with a p-value together (Holm's method), except the primary one,
-- which is not adjusted. Null for other claims without a p-value.
ALTER TABLE claim ADD COLUMN adjusted_finding TEXT CHECK (adjusted_finding IN ('holds', 'does not hold', 'undecided'));

-- The distance of the true value from its threshold that would be found with 80 % probability, in the unit of the
-- value; null without a p-value.
ALTER TABLE claim ADD COLUMN detectable REAL;

DROP VIEW claim_table;

-- The claims with their findings, the primary one first. Sort by `ordinal` and `position`.
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
    claim.finding,
    claim.is_primary,
    claim.p_value,
    claim.adjusted_finding,
    claim.detectable
FROM stage
JOIN claim ON claim.execution = stage.execution;

-- The accuracy of each replicate of each arm, in total (null level) and by level, as its evaluation measured it.
CREATE VIEW accuracy_by_replicate AS
SELECT
    stage.run,
    stage.id AS stage,
    stage.ordinal,
    evaluation.label,
    evaluation.replicate,
    evaluation.measure,
    evaluation.level,
    evaluation.value,
    evaluation.questions
FROM stage
JOIN evaluation ON evaluation.execution = stage.execution;
