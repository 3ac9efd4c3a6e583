-- What an import left out, and what it took the file to be; how many people stand behind a request.

ALTER TABLE feedback ADD COLUMN votes INTEGER;

-- Rows that hold nothing a customer said.
ALTER TABLE imports ADD COLUMN skipped BIGINT NOT NULL DEFAULT 0;
-- Rows that were taken without a side matter, and the warnings in all.
ALTER TABLE imports ADD COLUMN warned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN warnings BIGINT NOT NULL DEFAULT 0;
-- Rows whose customer has no address.
ALTER TABLE imports ADD COLUMN unreachable BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN reading TEXT;

-- The first thousand; row is null for the file as a whole.
CREATE TABLE import_warnings (
    import_id BLOB NOT NULL REFERENCES imports (id),
    number BIGINT NOT NULL,
    row BIGINT,
    field TEXT,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (import_id, number)
) WITHOUT ROWID;

-- Tags are found however they are typed: from now on by their folded form, those that are there at least in one case.
INSERT OR IGNORE INTO feedback_tags (tag, feedback_id) SELECT lower(tag), feedback_id FROM feedback_tags WHERE tag <> lower(tag);
