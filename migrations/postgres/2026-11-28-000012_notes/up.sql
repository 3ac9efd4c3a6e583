-- What the team writes to itself about a feedback, a story, a customer or a closure.
CREATE TABLE notes (
    id UUID PRIMARY KEY NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    author_kind TEXT NOT NULL,
    -- The member, or the token of a service.
    author_id UUID,
    text TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    edited_at TIMESTAMPTZ
);
CREATE INDEX notes_subject ON notes (subject_id, id);

-- Who is mentioned in a note.
CREATE TABLE note_mentions (
    id UUID PRIMARY KEY NOT NULL,
    note_id UUID NOT NULL REFERENCES notes (id),
    member_id UUID NOT NULL REFERENCES members (id),
    -- Whether the text mentions the member, and whether the list does that came with it. Where an edit took both out, the
    -- row stays, so that nobody is mailed twice about a note.
    in_text BOOLEAN NOT NULL,
    listed BOOLEAN NOT NULL,
    mentioned_at TIMESTAMPTZ NOT NULL,
    mailed_at TIMESTAMPTZ,
    read_at TIMESTAMPTZ,
    UNIQUE (note_id, member_id)
);
CREATE INDEX note_mentions_member ON note_mentions (member_id, id);
