-- Evaluations of solutions: build, buy or open source, and why. Criteria and options are JSON: they are read and written as
-- a whole.
CREATE TABLE evaluations (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    -- The story that it serves; none where it serves the product.
    story_id UUID REFERENCES stories (id),
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    need TEXT,
    context TEXT,
    criteria TEXT NOT NULL,
    options TEXT NOT NULL,
    -- The name of the chosen option, and why it was chosen.
    chosen TEXT,
    because TEXT,
    consequences TEXT,
    confirmation TEXT,
    -- Ids of members.
    deciders TEXT NOT NULL,
    -- Names of people.
    consulted TEXT NOT NULL,
    informed TEXT NOT NULL,
    -- Dates, 2026-11-22.
    decided_on TEXT,
    revisit_on TEXT,
    -- When it was noted that it is to be looked at again.
    revisit_noted_at TIMESTAMPTZ,
    superseded_by UUID REFERENCES evaluations (id),
    created_by UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (status IN ('proposed', 'accepted', 'rejected', 'deprecated', 'superseded'))
);
CREATE INDEX evaluations_product ON evaluations (product_id, id);
CREATE INDEX evaluations_story ON evaluations (story_id);
CREATE INDEX evaluations_revisit ON evaluations (revisit_on) WHERE revisit_noted_at IS NULL;
