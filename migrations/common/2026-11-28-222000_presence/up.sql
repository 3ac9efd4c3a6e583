-- Who looks at what in the console just now. A row that is not renewed expires.
CREATE TABLE presences (
    member_id UUID NOT NULL REFERENCES members (id),
    subject_id UUID NOT NULL,
    kind TEXT NOT NULL,
    -- The path of the subject's page.
    place TEXT NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    -- When they last wrote in a form about it; null if they did not.
    writing_at TIMESTAMPTZ,
    PRIMARY KEY (member_id, subject_id)
);
CREATE INDEX presences_subject ON presences (subject_id);
CREATE INDEX presences_seen ON presences (kind, seen_at);
