-- Where a batch system runs an execution. Both are null for executions on the machine of their run, and for those from
-- before these columns, about which an event of the kind 'ran' may tell. There are no new events of this kind.
ALTER TABLE execution ADD COLUMN job TEXT;

-- Null while the task waits in the queue.
ALTER TABLE execution ADD COLUMN node TEXT;
