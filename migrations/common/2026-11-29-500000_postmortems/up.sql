-- Postmortems: what a team learnt from an incident. An incident has at most one.
CREATE TABLE postmortems (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    incident_id UUID NOT NULL REFERENCES incidents (id),
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT,
    impact TEXT,
    detection TEXT,
    triggered_by TEXT,
    root_causes TEXT,
    contributing_factors TEXT,
    resolution TEXT,
    went_well TEXT,
    went_wrong TEXT,
    lucky TEXT,
    open_questions TEXT,
    facilitator_id UUID REFERENCES members (id),
    -- Ids of members as a JSON array.
    authors TEXT NOT NULL,
    -- None where nobody has to write it.
    due_at TIMESTAMPTZ,
    -- When it was noted that it is late.
    overdue_at TIMESTAMPTZ,
    in_review_at TIMESTAMPTZ,
    published_at TIMESTAMPTZ,
    published_by UUID,
    created_by UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (state IN ('draft', 'in_review', 'published'))
);
CREATE UNIQUE INDEX postmortems_incident ON postmortems (incident_id);
CREATE INDEX postmortems_product ON postmortems (product_id, id);
CREATE INDEX postmortems_due ON postmortems (due_at) WHERE state <> 'published' AND overdue_at IS NULL;

-- The actions of postmortems: each is a story.
CREATE TABLE postmortem_actions (
    id UUID PRIMARY KEY NOT NULL,
    postmortem_id UUID NOT NULL REFERENCES postmortems (id),
    story_id UUID NOT NULL REFERENCES stories (id),
    created_by UUID,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX postmortem_actions_story ON postmortem_actions (postmortem_id, story_id);
CREATE INDEX postmortem_actions_of ON postmortem_actions (story_id, id);

-- An action that also does what earlier ones were to do.
CREATE TABLE postmortem_action_covers (
    action_id UUID NOT NULL REFERENCES postmortem_actions (id),
    covered_id UUID NOT NULL REFERENCES postmortem_actions (id),
    PRIMARY KEY (action_id, covered_id)
);
CREATE INDEX postmortem_action_covers_of ON postmortem_action_covers (covered_id, action_id);

-- The incidents for which similar postmortems were looked up.
CREATE TABLE incident_repeat_checks (
    incident_id UUID PRIMARY KEY NOT NULL REFERENCES incidents (id),
    postmortem_count INTEGER NOT NULL,
    checked_at TIMESTAMPTZ NOT NULL
);
