-- Views of lists in the console that members have saved: a list with its filters.
CREATE TABLE saved_views (
    id UUID PRIMARY KEY NOT NULL,
    member_id UUID NOT NULL REFERENCES members (id),
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The filters as JSON pairs of name and value, so that erasing a person finds their name in them.
    query TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    pinned BOOLEAN NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX saved_views_page ON saved_views (page, member_id);
CREATE INDEX saved_views_member ON saved_views (member_id);

-- The view that a list opens with, for a member.
CREATE TABLE opening_views (
    member_id UUID NOT NULL REFERENCES members (id),
    page TEXT NOT NULL,
    view_id UUID NOT NULL REFERENCES saved_views (id),
    PRIMARY KEY (member_id, page)
);
CREATE INDEX opening_views_view ON opening_views (view_id);
