-- Ids are UUIDv7 as 16 bytes; times are microseconds since 1970 in UTC; lists and objects are JSON text.

CREATE TABLE products (
    id BLOB PRIMARY KEY NOT NULL,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    settings TEXT NOT NULL,
    last_story_number INTEGER NOT NULL DEFAULT 0,
    refine_due BOOLEAN NOT NULL DEFAULT FALSE,
    refined_at BIGINT,
    refined_size INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE accounts (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    segment TEXT,
    annual_value_minor BIGINT,
    annual_value_currency TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE customers (
    id BLOB PRIMARY KEY NOT NULL,
    account_id BLOB REFERENCES accounts (id),
    name TEXT,
    email TEXT,
    email_folded TEXT UNIQUE,
    merged_into BLOB REFERENCES customers (id),
    erased_at BIGINT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX customers_account ON customers (account_id, id);

-- How other systems name a customer; a customer met in two systems has two rows.
CREATE TABLE customer_identities (
    origin TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    PRIMARY KEY (external_id, origin)
);
CREATE INDEX customer_identities_customer ON customer_identities (customer_id);

CREATE TABLE members (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE tokens (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    member_id BLOB REFERENCES members (id),
    hash BLOB NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);

CREATE TABLE themes (
    id BLOB PRIMARY KEY NOT NULL,
    product_id BLOB NOT NULL REFERENCES products (id),
    label TEXT NOT NULL,
    label_set BOOLEAN NOT NULL DEFAULT FALSE,
    keywords TEXT NOT NULL DEFAULT '[]',
    quotes TEXT NOT NULL DEFAULT '[]',
    size INTEGER NOT NULL DEFAULT 0,
    customers INTEGER NOT NULL DEFAULT 0,
    value_minor BIGINT NOT NULL DEFAULT 0,
    recent INTEGER NOT NULL DEFAULT 0,
    growth DOUBLE NOT NULL DEFAULT 0,
    -- Mean cosine between its feedback and its centre, as the engine last saw it.
    cohesion DOUBLE NOT NULL DEFAULT 0,
    first_seen_at BIGINT,
    last_seen_at BIGINT,
    muted BOOLEAN NOT NULL DEFAULT FALSE,
    merged_into BLOB REFERENCES themes (id),
    stale INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX themes_product ON themes (product_id, id);
CREATE INDEX themes_stale ON themes (product_id) WHERE stale > 0;

CREATE TABLE feedback (
    -- Arrival order: the row of the search index, which wants an integer.
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id BLOB NOT NULL UNIQUE,
    product_id BLOB NOT NULL REFERENCES products (id),
    customer_id BLOB REFERENCES customers (id),
    theme_id BLOB REFERENCES themes (id),
    similarity DOUBLE,
    pinned BOOLEAN NOT NULL DEFAULT FALSE,
    state TEXT NOT NULL,
    text TEXT NOT NULL,
    title TEXT,
    source TEXT NOT NULL,
    origin TEXT NOT NULL,
    external_id TEXT,
    url TEXT,
    occurred_at BIGINT NOT NULL,
    rating INTEGER,
    nps INTEGER,
    severity TEXT,
    kind TEXT,
    language TEXT,
    tags TEXT NOT NULL,
    fields TEXT NOT NULL,
    submitted_by BLOB,
    dismissed_reason TEXT,
    -- Names of the fields a person edited: intake never overwrites them.
    edited TEXT NOT NULL DEFAULT '[]',
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX feedback_external ON feedback (origin, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX feedback_said ON feedback (product_id, occurred_at);
CREATE INDEX feedback_state ON feedback (state, id);
CREATE INDEX feedback_customer ON feedback (customer_id, id) WHERE customer_id IS NOT NULL;
CREATE INDEX feedback_theme ON feedback (theme_id, id) WHERE theme_id IS NOT NULL;

CREATE TABLE feedback_tags (
    tag TEXT NOT NULL,
    feedback_id BLOB NOT NULL,
    PRIMARY KEY (tag, feedback_id)
) WITHOUT ROWID;
CREATE INDEX feedback_tags_feedback ON feedback_tags (feedback_id);

-- One row a feedback, rowid = feedback.seq; the terms are made in Rust (domain/terms.rs) and separated by spaces.
CREATE VIRTUAL TABLE feedback_search USING fts5 (
    -- ascii: it splits at spaces and leaves every other character alone, combining marks too
    terms, content = '', columnsize = 0, tokenize = 'ascii'
);
-- What is deleted leaves the index at once, not at some later merge: erasing a person relies on it.
INSERT INTO feedback_search (feedback_search, rank) VALUES ('secure-delete', 1);

-- SHA-256 of the (origin, external_id) of erased feedback: sent again, it stays erased.
CREATE TABLE erased_feedback (
    key BLOB PRIMARY KEY NOT NULL,
    feedback_id BLOB NOT NULL
) WITHOUT ROWID;

-- What the engine keeps of an item, opaque here, so that a restart need not search again.
CREATE TABLE feedback_vectors (
    feedback_id BLOB PRIMARY KEY NOT NULL,
    product_id BLOB NOT NULL,
    vector BLOB NOT NULL,
    neighbours BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE stories (
    id BLOB PRIMARY KEY NOT NULL,
    product_id BLOB NOT NULL REFERENCES products (id),
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    as_a TEXT NOT NULL,
    i_want TEXT NOT NULL,
    so_that TEXT NOT NULL,
    acceptance_criteria TEXT NOT NULL DEFAULT '[]',
    in_scope TEXT NOT NULL DEFAULT '[]',
    out_of_scope TEXT NOT NULL DEFAULT '[]',
    owner_id BLOB REFERENCES members (id),
    stage TEXT NOT NULL,
    stage_reason TEXT,
    drafted_by TEXT NOT NULL,
    duplicate_of BLOB REFERENCES stories (id),
    proposed_duplicate_of BLOB REFERENCES stories (id),
    set_factors TEXT NOT NULL DEFAULT '{}',
    factors TEXT NOT NULL,
    score DOUBLE NOT NULL,
    feedback_count INTEGER NOT NULL DEFAULT 0,
    customer_count INTEGER NOT NULL DEFAULT 0,
    -- The day of the product's latest feedback when this was counted: the 90 days of reach end there.
    counted_until BIGINT,
    -- Whether a person has changed the words; the built-in draft follows its theme only until then.
    edited BOOLEAN NOT NULL DEFAULT FALSE,
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (product_id, number)
);
CREATE INDEX stories_score ON stories (score, id);
CREATE INDEX stories_stage ON stories (stage, id);

CREATE TABLE story_themes (
    story_id BLOB NOT NULL REFERENCES stories (id),
    theme_id BLOB NOT NULL REFERENCES themes (id),
    PRIMARY KEY (theme_id, story_id)
) WITHOUT ROWID;
CREATE INDEX story_themes_story ON story_themes (story_id);

-- What people did to the grouping; each can be undone while no later act stands on it.
CREATE TABLE corrections (
    id BLOB PRIMARY KEY NOT NULL,
    product_id BLOB NOT NULL REFERENCES products (id),
    kind TEXT NOT NULL,
    actor_id BLOB,
    theme_id BLOB,
    other_theme_id BLOB,
    story_id BLOB,
    other_story_id BLOB,
    details TEXT NOT NULL DEFAULT '{}',
    undone_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX corrections_product ON corrections (product_id, id);

CREATE TABLE correction_items (
    correction_id BLOB NOT NULL REFERENCES corrections (id),
    feedback_id BLOB NOT NULL,
    from_theme_id BLOB,
    to_theme_id BLOB,
    was_pinned BOOLEAN NOT NULL,
    was_similarity DOUBLE,
    PRIMARY KEY (correction_id, feedback_id)
) WITHOUT ROWID;
CREATE INDEX correction_items_feedback ON correction_items (feedback_id, correction_id);

CREATE TABLE imports (
    id BLOB PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    options TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id BLOB,
    bytes BIGINT NOT NULL DEFAULT 0,
    read BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL DEFAULT 0,
    updated BIGINT NOT NULL DEFAULT 0,
    unchanged BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    problem TEXT,
    claimed_by TEXT,
    claimed_until BIGINT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX imports_state ON imports (state, id);

-- The uploaded body, until the import is done.
CREATE TABLE import_chunks (
    import_id BLOB NOT NULL REFERENCES imports (id),
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (import_id, number)
);

CREATE TABLE import_errors (
    import_id BLOB NOT NULL REFERENCES imports (id),
    row BIGINT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (import_id, row)
) WITHOUT ROWID;

-- Append only. tx_id is 0 here: with one writer, seq is commit order.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    tx_id BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_id BLOB,
    kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    product_id BLOB,
    data TEXT NOT NULL
);
CREATE INDEX events_subject ON events (subject_id, seq);

CREATE TABLE idempotency_keys (
    token_id BLOB NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    payload_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (token_id, operation, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

CREATE TABLE leases (
    name TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
