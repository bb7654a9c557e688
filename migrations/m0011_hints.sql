-- The hint y' that a posterior sees, if it is not the answer. In question_use: the hint of the question. In
-- trace: the hint with which the trace was drawn, if it is not that of its question. In example: the hint of
-- the example.
ALTER TABLE question_use ADD COLUMN hint TEXT;
ALTER TABLE trace ADD COLUMN hint TEXT;
ALTER TABLE example ADD COLUMN hint TEXT;
