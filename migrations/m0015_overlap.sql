-- How many texts that a stage made contain a question that they should not contain, such as a test question. The texts
-- are read again after they were made; there is a row for every question that was looked for, also if none has it.
CREATE TABLE overlap (
    execution INTEGER NOT NULL,
    output TEXT NOT NULL,
    question TEXT NOT NULL REFERENCES question (id),
    searched TEXT NOT NULL              -- The kind of the texts; documents are the text of a base model.
        CHECK (searched IN ('documents', 'demonstrations', 'questions')),
    texts INTEGER NOT NULL,             -- The number of texts that were read.
    found INTEGER NOT NULL,             -- The number of them that contain the question.
    PRIMARY KEY (execution, question, searched, output),
    FOREIGN KEY (execution, output) REFERENCES execution_output (execution, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Whether the texts of a run contain questions that they should not contain: `questions` were looked for in `texts`,
-- `contained` of them are in at least one, and `found` is the sum over questions of the texts with it. Nothing is
-- contained if `found` is 0.
CREATE VIEW test_overlap AS
SELECT
    stage.run,
    stage.id AS stage,
    overlap.searched,
    count(*) AS questions,
    max(overlap.texts) AS texts,
    count(*) FILTER (WHERE overlap.found > 0) AS contained,
    sum(overlap.found) AS found
FROM stage
JOIN overlap ON overlap.execution = stage.execution
GROUP BY stage.run, stage.id, overlap.searched;
