-- The entries of the ledger of erasures that this database knows: what stands in the ledger's file and not here has not been
-- applied to this database. They hold salted hashes only.
CREATE TABLE erasure_ledger (
    id UUID PRIMARY KEY NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    -- The line of the file.
    line TEXT NOT NULL,
    -- Null where rows were restored since: it has to be applied again.
    applied_at TIMESTAMPTZ
);
