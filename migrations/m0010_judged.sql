-- Whether a verifier could tell if the answer is correct; where it could not, `correct` is 0. Rows from before this
-- column tell by their reason.
ALTER TABLE verdict ADD COLUMN judged INTEGER NOT NULL DEFAULT 1 CHECK (judged IN (0, 1) AND judged >= correct);
ALTER TABLE rollout ADD COLUMN judged INTEGER NOT NULL DEFAULT 1 CHECK (judged IN (0, 1) AND judged >= correct);

UPDATE verdict SET judged = 0 WHERE reason GLOB 'not judged*' AND correct = 0;
UPDATE rollout SET judged = 0 WHERE reason GLOB 'not judged*' AND correct = 0;
