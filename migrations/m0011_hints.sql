-- What a posterior is shown as hint y' in place of the answer: of a question as an output has it, of a trace if it was
-- drawn with another than its question's, and of an example.
ALTER TABLE question_use ADD COLUMN hint TEXT;
ALTER TABLE trace ADD COLUMN hint TEXT;
ALTER TABLE example ADD COLUMN hint TEXT;
