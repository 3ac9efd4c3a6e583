-- Since when its holder has a lease; the epoch where that is not known.
ALTER TABLE leases ADD COLUMN taken_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch';

-- The place in the event log after which a webhook is told: times can't say it, for clocks are set back.
ALTER TABLE webhooks ADD COLUMN since_tx_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN since_seq BIGINT NOT NULL DEFAULT 0;

-- What is added to a transaction's number in the event log. Each cluster counts its transactions from 3: where a dump is
-- restored into a younger cluster, the base grows, so that new events still come after the old ones.
CREATE TABLE log_base (
    id BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (id),
    base BIGINT NOT NULL
);
INSERT INTO log_base (base) VALUES (0);

-- Erasures: kept so that what is left in the database's files is removed, also after a crash.
CREATE TABLE erasures (
    id UUID PRIMARY KEY NOT NULL,
    customer_id UUID NOT NULL,
    erased_at TIMESTAMPTZ NOT NULL,
    -- When the files are expected to be clean.
    clean_by TIMESTAMPTZ,
    -- When they were; null while they may hold words.
    cleaned_at TIMESTAMPTZ
);
CREATE INDEX erasures_customer ON erasures (customer_id, id);
CREATE INDEX erasures_open ON erasures (id) WHERE cleaned_at IS NULL;

-- Whom an import that waited at an erasure must not bring back: keyed hashes of addresses and external ids.
CREATE TABLE erased_people (
    import_id UUID NOT NULL,
    key BYTEA NOT NULL,
    PRIMARY KEY (import_id, key)
);
