-- 1 if the verifier could judge the answer, otherwise 0; `correct` is then 0 too. In rows from before this
-- column, the value follows from the reason.
ALTER TABLE verdict ADD COLUMN judged INTEGER NOT NULL DEFAULT 1 CHECK (judged IN (0, 1) AND judged >= correct);
ALTER TABLE rollout ADD COLUMN judged INTEGER NOT NULL DEFAULT 1 CHECK (judged IN (0, 1) AND judged >= correct);

UPDATE verdict SET judged = 0 WHERE reason GLOB 'not judged*' AND correct = 0;
UPDATE rollout SET judged = 0 WHERE reason GLOB 'not judged*' AND correct = 0;
