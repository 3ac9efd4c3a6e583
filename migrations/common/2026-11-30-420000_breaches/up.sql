-- Personal data breaches, certain or possible.
CREATE TABLE breaches (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID REFERENCES products (id),
    incident_id UUID REFERENCES incidents (id),
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    possible_at TIMESTAMPTZ,
    known_at TIMESTAMPTZ,
    happened_at TIMESTAMPTZ,
    -- Codes of countries as a JSON array.
    countries TEXT NOT NULL,
    -- None while nobody knows how many.
    person_count INTEGER,
    sensitive_data BOOLEAN NOT NULL,
    identification_data BOOLEAN NOT NULL,
    outside_access BOOLEAN NOT NULL,
    high_risk BOOLEAN NOT NULL,
    risk_unlikely BOOLEAN NOT NULL,
    data_items TEXT,
    how TEXT,
    consequences TEXT,
    what_to_do TEXT,
    measures TEXT,
    contact TEXT,
    authority_number TEXT,
    -- When it was noted that a notice is late.
    overdue_at TIMESTAMPTZ,
    closed_at TIMESTAMPTZ,
    closed_by UUID,
    opened_by UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (state IN ('open', 'closed'))
);
CREATE UNIQUE INDEX breaches_incident ON breaches (incident_id) WHERE incident_id IS NOT NULL;

-- Notices that were sent to authorities and to persons.
CREATE TABLE breach_notices (
    id UUID PRIMARY KEY NOT NULL,
    breach_id UUID NOT NULL REFERENCES breaches (id),
    country TEXT NOT NULL,
    audience TEXT NOT NULL,
    is_final BOOLEAN NOT NULL,
    sent_at TIMESTAMPTZ NOT NULL,
    person_count INTEGER,
    how TEXT NOT NULL,
    reference TEXT,
    -- SHA-256 of the letter, in hexadecimal digits.
    letter_hash TEXT,
    recorded_by UUID,
    recorded_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX breach_notices_of ON breach_notices (breach_id, id);

-- The timeline of a breach.
CREATE TABLE breach_entries (
    id UUID PRIMARY KEY NOT NULL,
    breach_id UUID NOT NULL REFERENCES breaches (id),
    kind TEXT NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    entered_at TIMESTAMPTZ NOT NULL,
    actor_id UUID,
    text TEXT,
    -- Names of changed fields as a JSON array.
    fields TEXT NOT NULL
);
CREATE INDEX breach_entries_of ON breach_entries (breach_id, happened_at, id);
