-- How long data of one kind is kept. Without a product a rule counts for all products.
CREATE TABLE retention_rules (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID REFERENCES products (id),
    kind TEXT NOT NULL,
    days INTEGER NOT NULL,
    enabled BOOLEAN NOT NULL,
    -- When the job found nothing more to remove.
    finished_at TIMESTAMPTZ,
    created_by UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (days BETWEEN 1 AND 36500)
);
CREATE UNIQUE INDEX retention_rules_everywhere ON retention_rules (kind) WHERE product_id IS NULL;
CREATE UNIQUE INDEX retention_rules_product ON retention_rules (kind, product_id) WHERE product_id IS NOT NULL;

-- How much went, by day and rule. It stays when the rule is deleted.
CREATE TABLE retention_counts (
    id UUID PRIMARY KEY NOT NULL,
    rule_id UUID NOT NULL,
    -- The day in UTC, as 2026-11-30.
    day TEXT NOT NULL,
    product_id UUID REFERENCES products (id),
    kind TEXT NOT NULL,
    removed BIGINT NOT NULL
);
CREATE UNIQUE INDEX retention_counts_day ON retention_counts (rule_id, day);

-- Legal holds: nothing of the customer, account or product is deleted while one lasts.
CREATE TABLE legal_holds (
    id UUID PRIMARY KEY NOT NULL,
    -- The case, such as a file number.
    case_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    customer_id UUID REFERENCES customers (id),
    account_id UUID REFERENCES accounts (id),
    product_id UUID REFERENCES products (id),
    placed_by UUID,
    placed_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    ended_by UUID,
    version INTEGER NOT NULL
);
CREATE INDEX legal_holds_active ON legal_holds (placed_at) WHERE ended_at IS NULL;

-- Erasures that were asked for while a hold lasted. They run when it ends.
CREATE TABLE waiting_erasures (
    customer_id UUID PRIMARY KEY NOT NULL REFERENCES customers (id),
    request_id UUID REFERENCES person_requests (id),
    asked_by UUID,
    asked_at TIMESTAMPTZ NOT NULL
);
