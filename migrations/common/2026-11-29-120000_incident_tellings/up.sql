-- What customers who complained are told about an incident: at its start, and at its end.
CREATE TABLE incident_tellings (
    id UUID PRIMARY KEY NOT NULL,
    incident_id UUID NOT NULL REFERENCES incidents (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    phase TEXT NOT NULL,
    channel TEXT NOT NULL,
    -- What a member wrote for customers, in the customer's language.
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    send_at TIMESTAMPTZ,
    told_at TIMESTAMPTZ,
    -- Whether it is over for them, as they said.
    is_over BOOLEAN,
    answered_at TIMESTAMPTZ,
    created_by UUID,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX incident_tellings_once ON incident_tellings (incident_id, customer_id, phase);
CREATE INDEX incident_tellings_customer ON incident_tellings (customer_id);
