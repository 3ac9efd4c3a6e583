-- Who is paged for an open incident of a product, step by step. A product without a row has the default.
CREATE TABLE escalation_policies (
    product_id UUID PRIMARY KEY NOT NULL REFERENCES products (id),
    -- JSON: after how many minutes whom.
    steps TEXT NOT NULL,
    repeats INTEGER NOT NULL,
    repeat_after_minutes INTEGER NOT NULL,
    acknowledged_minutes INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    updated_at TIMESTAMPTZ NOT NULL
);

-- The escalations of an incident: the first when it was opened, another where an acknowledgement expired.
CREATE TABLE incident_escalations (
    id UUID PRIMARY KEY NOT NULL,
    incident_id UUID NOT NULL REFERENCES incidents (id),
    number INTEGER NOT NULL,
    because TEXT NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX incident_escalations_number ON incident_escalations (incident_id, number);

-- Pages. The unique index is what makes a step page once, whatever crashes or runs twice.
CREATE TABLE incident_pages (
    id UUID PRIMARY KEY NOT NULL,
    incident_id UUID NOT NULL REFERENCES incidents (id),
    member_id UUID NOT NULL REFERENCES members (id),
    escalation INTEGER NOT NULL,
    round INTEGER NOT NULL,
    step INTEGER NOT NULL,
    whom TEXT NOT NULL,
    because TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ,
    over_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX incident_pages_step ON incident_pages (incident_id, escalation, round, step);
CREATE INDEX incident_pages_member ON incident_pages (member_id, id);
