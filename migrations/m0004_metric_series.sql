-- Metric series get numbers, so that a point takes about 22 bytes for any length of name. Questions are found
-- without indexes that every insert would have to update.

-- A named series of an execution, such as its loss.
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    execution INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    UNIQUE (execution, name)
) STRICT;

-- A point of a series.
CREATE TABLE metric_point (
    series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    value REAL,                         -- null where it was not a finite number
    PRIMARY KEY (series, step)
) STRICT, WITHOUT ROWID;

INSERT INTO series (execution, name)
SELECT DISTINCT execution, name FROM metric ORDER BY execution, name;

INSERT INTO metric_point (series, step, value)
SELECT series.id, metric.step, metric.value
FROM series
JOIN metric ON metric.execution = series.execution AND metric.name = series.name
ORDER BY series.id, metric.step;

DROP TABLE metric;

-- The points of all series with their names. They are stored in `metric_point`.
CREATE VIEW metric (execution, name, step, value) AS
SELECT series.execution, series.name, metric_point.step, metric_point.value
FROM series
JOIN metric_point ON metric_point.series = series.id;

-- The last point of every series.
CREATE VIEW last_metric (execution, name, step, value) AS
SELECT series.execution, series.name, point.step, point.value
FROM series
JOIN metric_point AS point
    ON point.series = series.id
    AND point.step = (SELECT max(step) FROM metric_point WHERE metric_point.series = series.id);

-- Traces and rollouts have one index only: (execution, question, sample, output). A query for one question in
-- all executions uses it too, with one search per execution. These statistics tell the query planner that there
-- are few executions and that each is large.
DROP INDEX trace_question;
DROP INDEX rollout_question;
ANALYZE series;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('trace', 'sqlite_autoindex_trace_1', '10000000 130000 8 1 1'),
    ('rollout', 'sqlite_autoindex_rollout_1', '10000000 130000 8 1 1');
