-- The log-probability of a trace under the distribution that it was drawn from, at the sampling temperature and
-- after top-k, top-p and min-p: the density of the proposal, while log_prob is that of the model. Null for traces
-- from before this column, and for those of other programs that do not say.
ALTER TABLE trace ADD COLUMN sampled_log_prob REAL;
