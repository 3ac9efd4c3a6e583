-- Reports: what a stakeholder reads of a product. The content is computed once and stays as it was sent.
CREATE TABLE reports (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    language TEXT NOT NULL,
    account_id UUID REFERENCES accounts (id),
    release_id UUID REFERENCES releases (id),
    -- Names of sections as a JSON array, in the order in which they are read.
    sections TEXT NOT NULL,
    period_from TIMESTAMPTZ NOT NULL,
    period_to TIMESTAMPTZ NOT NULL,
    introduction TEXT,
    content TEXT NOT NULL,
    -- Whether a person has to approve it before it is sent.
    approval BOOLEAN NOT NULL,
    -- Of a report that subscriptions share: a hash of what it is about. None for one that a person made.
    series_key TEXT,
    approved_at TIMESTAMPTZ,
    approved_by UUID,
    sent_at TIMESTAMPTZ,
    sent_by UUID,
    created_by UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (state IN ('draft', 'approved', 'sent'))
);
CREATE UNIQUE INDEX reports_series ON reports (series_key);
CREATE INDEX reports_product ON reports (product_id, id);

-- Links by which a report is read without sign-in. The address is signed and not stored.
CREATE TABLE report_links (
    id UUID PRIMARY KEY NOT NULL,
    report_id UUID NOT NULL REFERENCES reports (id),
    scope TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    readings INTEGER NOT NULL,
    last_read_at TIMESTAMPTZ,
    created_by UUID,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX report_links_report ON report_links (report_id, id);

-- Who gets reports, and when.
CREATE TABLE report_subscriptions (
    id UUID PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    email TEXT,
    email_folded TEXT,
    member_id UUID REFERENCES members (id),
    webhook_id UUID REFERENCES webhooks (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    account_id UUID REFERENCES accounts (id),
    sections TEXT NOT NULL,
    language TEXT NOT NULL,
    weekday TEXT,
    day INTEGER,
    hour INTEGER NOT NULL,
    time_zone TEXT NOT NULL,
    scope TEXT NOT NULL,
    approval BOOLEAN NOT NULL,
    next_at TIMESTAMPTZ,
    last_at TIMESTAMPTZ,
    confirmed_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    created_by UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (state IN ('pending', 'active', 'ended'))
);
CREATE INDEX report_subscriptions_due ON report_subscriptions (next_at) WHERE state = 'active';
CREATE INDEX report_subscriptions_email ON report_subscriptions (email_folded);
CREATE INDEX report_subscriptions_webhook ON report_subscriptions (webhook_id);

CREATE TABLE report_subscription_products (
    subscription_id UUID NOT NULL REFERENCES report_subscriptions (id) ON DELETE CASCADE,
    product_id UUID NOT NULL REFERENCES products (id),
    PRIMARY KEY (subscription_id, product_id)
);
CREATE INDEX report_subscription_products_product ON report_subscription_products (product_id, subscription_id);

-- A report for one subscriber. A subscriber gets each report once.
CREATE TABLE report_deliveries (
    id UUID PRIMARY KEY NOT NULL,
    report_id UUID NOT NULL REFERENCES reports (id),
    subscription_id UUID NOT NULL REFERENCES report_subscriptions (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    CHECK (state IN ('waiting', 'queued', 'sent', 'failed', 'skipped'))
);
CREATE UNIQUE INDEX report_deliveries_once ON report_deliveries (report_id, subscription_id);
CREATE INDEX report_deliveries_subscription ON report_deliveries (subscription_id, id);
