-- The same tables as for SQLite (../../sqlite), column by column; lists and objects are JSON text.

CREATE TABLE products (
    id UUID PRIMARY KEY NOT NULL,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    settings TEXT NOT NULL,
    last_story_number INTEGER NOT NULL DEFAULT 0,
    refine_due BOOLEAN NOT NULL DEFAULT FALSE,
    refined_at TIMESTAMPTZ,
    refined_size INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE accounts (
    id UUID PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    segment TEXT,
    annual_value_minor BIGINT,
    annual_value_currency TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE customers (
    id UUID PRIMARY KEY NOT NULL,
    account_id UUID REFERENCES accounts (id),
    name TEXT,
    email TEXT,
    email_folded TEXT UNIQUE,
    merged_into UUID REFERENCES customers (id),
    erased_at TIMESTAMPTZ,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX customers_account ON customers (account_id, id);

-- How other systems name a customer; a customer met in two systems has two rows.
CREATE TABLE customer_identities (
    origin TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer_id UUID NOT NULL REFERENCES customers (id),
    PRIMARY KEY (external_id, origin)
);
CREATE INDEX customer_identities_customer ON customer_identities (customer_id);

CREATE TABLE members (
    id UUID PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE tokens (
    id UUID PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    member_id UUID REFERENCES members (id),
    hash BYTEA NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);

CREATE TABLE themes (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    label TEXT NOT NULL,
    label_set BOOLEAN NOT NULL DEFAULT FALSE,
    keywords TEXT NOT NULL DEFAULT '[]',
    quotes TEXT NOT NULL DEFAULT '[]',
    size INTEGER NOT NULL DEFAULT 0,
    customers INTEGER NOT NULL DEFAULT 0,
    value_minor BIGINT NOT NULL DEFAULT 0,
    recent INTEGER NOT NULL DEFAULT 0,
    growth DOUBLE PRECISION NOT NULL DEFAULT 0,
    -- Mean cosine between its feedback and its centre, as the engine last saw it.
    cohesion DOUBLE PRECISION NOT NULL DEFAULT 0,
    first_seen_at TIMESTAMPTZ,
    last_seen_at TIMESTAMPTZ,
    muted BOOLEAN NOT NULL DEFAULT FALSE,
    merged_into UUID REFERENCES themes (id),
    stale INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX themes_product ON themes (product_id, id);
CREATE INDEX themes_stale ON themes (product_id) WHERE stale > 0;

CREATE TABLE feedback (
    -- Arrival order.
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    product_id UUID NOT NULL REFERENCES products (id),
    customer_id UUID REFERENCES customers (id),
    theme_id UUID REFERENCES themes (id),
    similarity DOUBLE PRECISION,
    pinned BOOLEAN NOT NULL DEFAULT FALSE,
    state TEXT NOT NULL,
    text TEXT NOT NULL,
    title TEXT,
    source TEXT NOT NULL,
    origin TEXT NOT NULL,
    external_id TEXT,
    url TEXT,
    occurred_at TIMESTAMPTZ NOT NULL,
    rating INTEGER,
    nps INTEGER,
    severity TEXT,
    kind TEXT,
    language TEXT,
    tags TEXT NOT NULL,
    fields TEXT NOT NULL,
    submitted_by UUID,
    dismissed_reason TEXT,
    -- Names of the fields a person edited: intake never overwrites them.
    edited TEXT NOT NULL DEFAULT '[]',
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX feedback_external ON feedback (origin, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX feedback_said ON feedback (product_id, occurred_at);
CREATE INDEX feedback_state ON feedback (state, id);
CREATE INDEX feedback_customer ON feedback (customer_id, id) WHERE customer_id IS NOT NULL;
CREATE INDEX feedback_theme ON feedback (theme_id, id) WHERE theme_id IS NOT NULL;

CREATE TABLE feedback_tags (
    tag TEXT NOT NULL,
    feedback_id UUID NOT NULL,
    PRIMARY KEY (tag, feedback_id)
);
CREATE INDEX feedback_tags_feedback ON feedback_tags (feedback_id);

-- One row a feedback; the terms are made in Rust (domain/terms.rs), the server's own parser never sees the text. Both rows
-- are written by one statement (store/filing.rs): to look up again what it has just written would take half as long as
-- writing this one.
CREATE TABLE feedback_search (
    feedback_id UUID PRIMARY KEY NOT NULL,
    terms TSVECTOR NOT NULL
);
-- New rows are indexed some hundreds at a time, which costs a fifth; a search reads those that wait one by one.
CREATE INDEX feedback_search_terms ON feedback_search USING gin (terms) WITH (gin_pending_list_limit = 512);

-- SHA-256 of the (origin, external_id) of erased feedback: sent again, it stays erased.
CREATE TABLE erased_feedback (
    key BYTEA PRIMARY KEY NOT NULL,
    feedback_id UUID NOT NULL
);

-- What the engine keeps of an item, opaque here, so that a restart need not search again.
CREATE TABLE feedback_vectors (
    feedback_id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL,
    vector BYTEA NOT NULL,
    neighbours BYTEA NOT NULL
);

CREATE TABLE stories (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    as_a TEXT NOT NULL,
    i_want TEXT NOT NULL,
    so_that TEXT NOT NULL,
    acceptance_criteria TEXT NOT NULL DEFAULT '[]',
    in_scope TEXT NOT NULL DEFAULT '[]',
    out_of_scope TEXT NOT NULL DEFAULT '[]',
    owner_id UUID REFERENCES members (id),
    stage TEXT NOT NULL,
    stage_reason TEXT,
    drafted_by TEXT NOT NULL,
    duplicate_of UUID REFERENCES stories (id),
    proposed_duplicate_of UUID REFERENCES stories (id),
    set_factors TEXT NOT NULL DEFAULT '{}',
    factors TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    feedback_count INTEGER NOT NULL DEFAULT 0,
    customer_count INTEGER NOT NULL DEFAULT 0,
    -- The day of the product's latest feedback when this was counted: the 90 days of reach end there.
    counted_until TIMESTAMPTZ,
    -- Whether a person has changed the words; the built-in draft follows its theme only until then.
    edited BOOLEAN NOT NULL DEFAULT FALSE,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (product_id, number)
);
CREATE INDEX stories_score ON stories (score, id);
CREATE INDEX stories_stage ON stories (stage, id);

CREATE TABLE story_themes (
    story_id UUID NOT NULL REFERENCES stories (id),
    theme_id UUID NOT NULL REFERENCES themes (id),
    PRIMARY KEY (theme_id, story_id)
);
CREATE INDEX story_themes_story ON story_themes (story_id);

-- What people did to the grouping; each can be undone while no later act stands on it.
CREATE TABLE corrections (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    kind TEXT NOT NULL,
    actor_id UUID,
    theme_id UUID,
    other_theme_id UUID,
    story_id UUID,
    other_story_id UUID,
    details TEXT NOT NULL DEFAULT '{}',
    undone_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX corrections_product ON corrections (product_id, id);

CREATE TABLE correction_items (
    correction_id UUID NOT NULL REFERENCES corrections (id),
    feedback_id UUID NOT NULL,
    from_theme_id UUID,
    to_theme_id UUID,
    was_pinned BOOLEAN NOT NULL,
    was_similarity DOUBLE PRECISION,
    PRIMARY KEY (correction_id, feedback_id)
);
CREATE INDEX correction_items_feedback ON correction_items (feedback_id, correction_id);

CREATE TABLE imports (
    id UUID PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    options TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id UUID,
    bytes BIGINT NOT NULL DEFAULT 0,
    read BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL DEFAULT 0,
    updated BIGINT NOT NULL DEFAULT 0,
    unchanged BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    problem TEXT,
    claimed_by TEXT,
    claimed_until TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ
);
CREATE INDEX imports_state ON imports (state, id);

-- The uploaded body, until the import is done.
CREATE TABLE import_chunks (
    import_id UUID NOT NULL REFERENCES imports (id),
    number INTEGER NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (import_id, number)
);

CREATE TABLE import_errors (
    import_id UUID NOT NULL REFERENCES imports (id),
    row BIGINT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (import_id, row)
);

-- Append only. Readers go by (tx_id, seq) and stop at pg_snapshot_xmin, so that a late commit is never skipped.
CREATE TABLE events (
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    tx_id BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL,
    actor_id UUID,
    kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    product_id UUID,
    data TEXT NOT NULL,
    PRIMARY KEY (tx_id, seq)
);
CREATE INDEX events_subject ON events (subject_id, seq);

CREATE TABLE idempotency_keys (
    token_id UUID NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    payload_hash BYTEA NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    body TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (token_id, operation, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

CREATE TABLE leases (
    name TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
