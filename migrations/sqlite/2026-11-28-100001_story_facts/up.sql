-- What the customers of a story mentioned: versions, devices, segments, workarounds, each with its feedback.
CREATE TABLE story_facts (
    story_id BLOB PRIMARY KEY NOT NULL REFERENCES stories (id),
    facts TEXT NOT NULL
);

-- Drafts that nobody edited are worded anew, with their facts.
UPDATE themes SET stale = stale + 1 WHERE merged_into IS NULL;
