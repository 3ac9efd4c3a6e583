-- Requests of persons about their data, each with its legal clock.
CREATE TABLE person_requests (
    id UUID PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    customer_id UUID REFERENCES customers (id),
    -- How the person reached the team, where no customer is known yet.
    contact TEXT,
    country TEXT NOT NULL,
    note TEXT,
    received_at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    extended_at TIMESTAMPTZ,
    extension_reason TEXT,
    identity_checked_at TIMESTAMPTZ,
    identity_checked_by UUID,
    identity_how TEXT,
    -- The kinds of data that the answer was about, as a JSON array: never the data.
    outcome TEXT,
    refusal_reason TEXT,
    ended_at TIMESTAMPTZ,
    ended_by UUID,
    -- When it was noted that it is late.
    overdue_at TIMESTAMPTZ,
    filed_by UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (kind IN ('access', 'correction', 'erasure', 'stop', 'portability')),
    CHECK (state IN ('received', 'identity_checked', 'waiting', 'done', 'refused'))
);
CREATE INDEX person_requests_customer ON person_requests (customer_id);
CREATE INDEX person_requests_due ON person_requests (due_at) WHERE ended_at IS NULL;

-- Proofs of the answers: hashes, without the data.
CREATE TABLE person_request_proofs (
    id UUID PRIMARY KEY NOT NULL,
    request_id UUID NOT NULL REFERENCES person_requests (id),
    kind TEXT NOT NULL,
    -- SHA-256 in hexadecimal digits.
    hash TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    made_by UUID
);
CREATE INDEX person_request_proofs_of ON person_request_proofs (request_id, id);
