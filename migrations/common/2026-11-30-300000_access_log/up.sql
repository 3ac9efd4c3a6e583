-- Who read or changed whose data. Rows are added and, after their retention, removed; nothing changes them but the erasure of
-- a person whom a reason names. Each chain is numbered without gaps, and `hash` is over the entry and the hash before it.
CREATE TABLE access_log (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    -- The day of writing, in days since 1970 (UTC). It never falls, so that a retention cuts whole days.
    day INTEGER NOT NULL,
    actor TEXT NOT NULL,
    -- The member, or the token of a service; the nil id for a command.
    who UUID NOT NULL,
    -- The token or the session that was used.
    token_id UUID,
    address TEXT NOT NULL,
    operation TEXT NOT NULL,
    act TEXT NOT NULL,
    status INTEGER NOT NULL,
    -- Ids of customers and of feedback, without hyphens, separated by commas.
    customers TEXT NOT NULL,
    feedback TEXT NOT NULL,
    customer_count INTEGER NOT NULL,
    -- A hash of the query of a list.
    query_hash BYTEA,
    reason TEXT,
    reason_hash BYTEA,
    -- The entry of the audit log that a change of permissions was copied from.
    source_id UUID,
    -- What a change of permissions was about: the member or the token.
    subject_id UUID,
    hash BYTEA NOT NULL,
    PRIMARY KEY (chain, seq)
);
CREATE INDEX access_log_day ON access_log (chain, day);
CREATE INDEX access_log_who ON access_log (who, day);
CREATE INDEX access_log_source ON access_log (source_id);

-- Who saw a customer on which day: the index of the log by customer.
CREATE TABLE access_people (
    customer_id UUID NOT NULL,
    day INTEGER NOT NULL,
    who UUID NOT NULL,
    PRIMARY KEY (customer_id, day, who)
);
CREATE INDEX access_people_day ON access_people (day);

-- The last entry of each day. They stay when the entries are removed.
CREATE TABLE access_heads (
    chain TEXT NOT NULL,
    day INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    entries BIGINT NOT NULL,
    PRIMARY KEY (chain, day)
);

-- Monthly reviews of the access log that somebody signed, with what they found then.
CREATE TABLE access_reviews (
    id UUID PRIMARY KEY NOT NULL,
    month TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id UUID,
    signed_at TIMESTAMPTZ NOT NULL,
    note TEXT NOT NULL,
    -- JSON: the numbers at the time of signing.
    figures TEXT NOT NULL,
    -- The last entry of the log that the review looked at.
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
);
CREATE INDEX access_reviews_month ON access_reviews (month, id);
