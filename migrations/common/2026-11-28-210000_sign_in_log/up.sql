-- The audit log: who signed in or tried to, and what was done with members, tokens, webhooks, products, exports and
-- erasures. It is kept for HEARBACK_AUDIT_DAYS.
CREATE TABLE audit_log (
    id UUID PRIMARY KEY NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id UUID,
    subject_id UUID,
    -- The address and the browser, where they are known.
    address TEXT,
    agent TEXT,
    data TEXT NOT NULL
);
CREATE INDEX audit_log_at ON audit_log (at, id);
CREATE INDEX audit_log_kind ON audit_log (kind, at, id);

-- The last refused message of each incoming hook.
CREATE TABLE hook_failures (
    source TEXT PRIMARY KEY NOT NULL,
    failed_at TIMESTAMPTZ NOT NULL,
    error TEXT NOT NULL
);

-- For the freshness of each source of feedback.
CREATE INDEX feedback_arrived ON feedback (origin, created_at);
CREATE INDEX hook_deliveries_source ON hook_deliveries (source, received_at);
