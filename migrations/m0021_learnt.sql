-- The stages of a run whose evaluations were candidates of a choice among models.
CREATE VIEW candidate_evaluation AS
SELECT DISTINCT
    stage.run,
    evaluated.id AS stage
FROM stage
CROSS JOIN execution_input AS input ON input.execution = stage.execution
CROSS JOIN execution_output AS made ON made.artifact = input.artifact
CROSS JOIN stage AS evaluated ON evaluated.execution = made.execution AND evaluated.run = stage.run
WHERE EXISTS (SELECT * FROM selection WHERE selection.execution = stage.execution)
    AND EXISTS (
        SELECT * FROM evaluation
        WHERE evaluation.execution = made.execution AND evaluation.output = made.name
    );

-- Whether the traces that a stage weighed are right, where the run inspected them: all, and those that it selected.
CREATE VIEW learnt_traces AS
SELECT
    stage.run,
    stage.id AS stage,
    stage.ordinal,
    trace_summary.label,
    trace_summary.replicate,
    count(*) AS traces,
    avg(truly_right) AS truly_right,
    avg(leaks) AS leaks,
    sum(selected) AS selected,
    avg(iif(selected, truly_right, NULL)) AS selected_truly_right,
    avg(iif(selected, leaks, NULL)) AS selected_leaks
FROM stage
JOIN stage AS inspection ON inspection.run = stage.run AND inspection.kind = 'inspect'
JOIN trace_weight ON trace_weight.execution = stage.execution
JOIN trace_summary
    ON trace_summary.execution = inspection.execution
    AND trace_summary.question = trace_weight.question
    AND trace_summary.sample = trace_weight.sample
WHERE stage.kind = 'weigh'
    AND EXISTS (
        SELECT *
        FROM execution_input AS prior
        JOIN execution_input AS scored ON scored.execution = prior.producer AND scored.name = 'traces'
        JOIN execution_input AS inspected ON inspected.artifact = scored.artifact
        WHERE prior.execution = stage.execution AND prior.name = 'prior'
            AND inspected.execution = inspection.execution AND inspected.name = 'traces'
    )
GROUP BY stage.run, stage.id, trace_summary.label, trace_summary.replicate;
