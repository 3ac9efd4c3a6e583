DROP TABLE import_warnings;
ALTER TABLE imports DROP COLUMN reading;
ALTER TABLE imports DROP COLUMN unreachable;
ALTER TABLE imports DROP COLUMN warnings;
ALTER TABLE imports DROP COLUMN warned;
ALTER TABLE imports DROP COLUMN skipped;
ALTER TABLE feedback DROP COLUMN votes;
