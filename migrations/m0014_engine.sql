-- The engine outside of this program that computed the result of an execution, such as an inference server, because it
-- does not promise the same bits again. All three are null for executions by this program, and for those from before
-- these columns.
ALTER TABLE execution ADD COLUMN engine TEXT;

ALTER TABLE execution ADD COLUMN engine_version TEXT;

-- What it says of its configuration: the fingerprints of servers, or the versions of packages.
ALTER TABLE execution ADD COLUMN engine_fingerprint TEXT;
