-- On which basis customers are contacted, by purpose. The latest row of a purpose counts.
CREATE TABLE consents (
    id UUID PRIMARY KEY NOT NULL,
    customer_id UUID NOT NULL REFERENCES customers (id),
    purpose TEXT NOT NULL,
    basis TEXT NOT NULL,
    source TEXT NOT NULL,
    given_at TIMESTAMPTZ NOT NULL,
    withdrawn_at TIMESTAMPTZ,
    withdrawn_how TEXT,
    recorded_by UUID,
    recorded_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX consents_customer ON consents (customer_id, purpose, id);
CREATE INDEX consents_withdrawn ON consents (purpose, customer_id) WHERE withdrawn_at IS NOT NULL;
