-- What a member has written in a form of the console and not sent yet. A row is deleted when its form is sent.
CREATE TABLE form_drafts (
    id UUID PRIMARY KEY NOT NULL,
    member_id UUID NOT NULL REFERENCES members (id),
    -- The path of the page with the form, the path that the form is sent to, and the form's name if a page has several
    -- that are sent there.
    page TEXT NOT NULL,
    action TEXT NOT NULL,
    form TEXT NOT NULL,
    -- JSON pairs of name and value.
    fields TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX form_drafts_page ON form_drafts (member_id, page);
CREATE INDEX form_drafts_updated ON form_drafts (updated_at);
