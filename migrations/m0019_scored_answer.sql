-- The scored answer of a trace, if it is not the reference answer of the question: the hint that the trace was drawn
-- with.
ALTER TABLE trace_score ADD COLUMN answer TEXT;
