-- Since when its holder has a lease; 0 where that is not known.
ALTER TABLE leases ADD COLUMN taken_at BIGINT NOT NULL DEFAULT 0;

-- The place in the event log after which a webhook is told: times can't say it, for clocks are set back.
ALTER TABLE webhooks ADD COLUMN since_tx_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN since_seq BIGINT NOT NULL DEFAULT 0;

-- Erasures: kept so that what is left in the database's files is removed, also after a crash.
CREATE TABLE erasures (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL,
    erased_at BIGINT NOT NULL,
    -- When the files are expected to be clean.
    clean_by BIGINT,
    -- When they were; null while they may hold words.
    cleaned_at BIGINT
);
CREATE INDEX erasures_customer ON erasures (customer_id, id);
CREATE INDEX erasures_open ON erasures (id) WHERE cleaned_at IS NULL;

-- Whom an import that waited at an erasure must not bring back: keyed hashes of addresses and external ids.
CREATE TABLE erased_people (
    import_id BLOB NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (import_id, key)
) WITHOUT ROWID;
