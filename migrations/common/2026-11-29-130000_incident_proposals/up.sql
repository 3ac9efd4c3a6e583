-- Incidents that a burst of feedback proposes.
CREATE TABLE incident_proposals (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    theme_id UUID NOT NULL REFERENCES themes (id),
    -- Feedback of the last 7 days, each customer counted once, and that of the 8 weeks before as a JSON array.
    items INTEGER NOT NULL,
    customers INTEGER NOT NULL,
    past TEXT NOT NULL,
    probability DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL,
    incident_id UUID REFERENCES incidents (id),
    ended_by UUID,
    ended_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX incident_proposals_theme ON incident_proposals (theme_id, id);
-- A theme has at most one open proposal.
CREATE UNIQUE INDEX incident_proposals_open ON incident_proposals (theme_id) WHERE state = 'open';
