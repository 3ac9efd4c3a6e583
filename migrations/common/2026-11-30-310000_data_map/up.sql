-- Who else handles personal data, for the record of processing: the controller, processors and recipients.
CREATE TABLE data_parties (
    id UUID PRIMARY KEY NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    contact TEXT NOT NULL,
    purpose TEXT NOT NULL,
    data TEXT NOT NULL,
    country TEXT NOT NULL,
    -- What allows a transfer to another country, such as standard contractual clauses.
    transfer TEXT NOT NULL,
    since TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
