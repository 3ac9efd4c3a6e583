-- Dependencies between stories, and on others outside. One row an edge: `blocks` is a `needs` seen from the other side.
CREATE TABLE story_dependencies (
    id UUID PRIMARY KEY NOT NULL,
    -- The story that waits; of two related stories the one from which it was said.
    story_id UUID NOT NULL REFERENCES stories (id),
    kind TEXT NOT NULL,
    -- The story that it needs or relates to; none for something outside.
    other_id UUID REFERENCES stories (id),
    external_title TEXT,
    external_team TEXT,
    external_vendor TEXT,
    -- A date, 2026-11-22.
    external_due TEXT,
    -- Working days between the two.
    lag_days INTEGER NOT NULL,
    -- The stage in which the other story satisfies this one.
    satisfied_at TEXT NOT NULL,
    -- When a person closed something outside.
    closed_at TIMESTAMPTZ,
    closed_by UUID,
    created_by UUID,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (kind IN ('needs', 'relates')),
    CHECK (satisfied_at IN ('released', 'ready')),
    CHECK ((other_id IS NULL) <> (external_title IS NULL)),
    CHECK (other_id IS NULL OR other_id <> story_id),
    CHECK (lag_days >= 0)
);
CREATE UNIQUE INDEX story_dependencies_edge ON story_dependencies (story_id, kind, other_id) WHERE other_id IS NOT NULL;
CREATE INDEX story_dependencies_story ON story_dependencies (story_id);
CREATE INDEX story_dependencies_other ON story_dependencies (other_id);

-- What each story needs, and whether it is there. The original of a duplicate takes its place.
CREATE VIEW story_blockers AS
SELECT d.id AS dependency_id, d.story_id AS story_id, s.id AS blocker_id,
    CASE
        WHEN d.other_id IS NULL THEN CASE WHEN d.closed_at IS NULL THEN 'open' ELSE 'satisfied' END
        WHEN s.stage IN ('released', 'closing', 'closed') OR (s.stage = 'ready' AND d.satisfied_at = 'ready') THEN 'satisfied'
        WHEN s.stage = 'declined' THEN 'declined'
        ELSE 'open'
    END AS state
FROM story_dependencies d
LEFT JOIN stories s ON s.id = (
    WITH RECURSIVE original (id, duplicate_of) AS (
        SELECT o.id, o.duplicate_of FROM stories o WHERE o.id = d.other_id
        UNION
        SELECT n.id, n.duplicate_of FROM original p JOIN stories n ON n.id = p.duplicate_of
    )
    SELECT original.id FROM original WHERE original.duplicate_of IS NULL
)
WHERE d.kind = 'needs';

-- How many working days a story takes, where somebody said so.
CREATE TABLE story_days (
    story_id UUID PRIMARY KEY NOT NULL REFERENCES stories (id),
    days INTEGER NOT NULL,
    CHECK (days >= 0)
);
