-- The log-probability under the distribution that was sampled, at the sampling temperature and after top-k,
-- top-p and min-p: the density of the proposal. Null for traces from before this column, and for those of other
-- programs that do not report it.
ALTER TABLE trace ADD COLUMN sampled_log_prob REAL;
