-- The numbers that the whole team shares.
CREATE TABLE metrics (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit TEXT,
    direction TEXT NOT NULL,
    target DOUBLE PRECISION,
    -- JSON: ids of members.
    who_cares TEXT NOT NULL,
    counter BOOLEAN NOT NULL,
    -- Where Prometheus is asked; without an address that of the settings.
    pull_url TEXT,
    pull_query TEXT,
    pull_every INTEGER,
    -- The series that are kept of a remote write.
    selector TEXT,
    archived_at TIMESTAMPTZ,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX metrics_key ON metrics (product_id, key);

-- What came in for a metric, and how asking Prometheus goes.
CREATE TABLE metric_intakes (
    metric_id UUID PRIMARY KEY NOT NULL REFERENCES metrics (id) ON DELETE CASCADE,
    accepted BIGINT NOT NULL,
    replaced BIGINT NOT NULL,
    too_old BIGINT NOT NULL,
    in_future BIGINT NOT NULL,
    not_finite BIGINT NOT NULL,
    too_many_series BIGINT NOT NULL,
    too_frequent BIGINT NOT NULL,
    resets BIGINT NOT NULL,
    last_sample_at TIMESTAMPTZ,
    asked_at TIMESTAMPTZ,
    -- When Prometheus is asked next.
    next_pull_at TIMESTAMPTZ,
    pull_error TEXT
);
CREATE INDEX metric_intakes_pull ON metric_intakes (next_pull_at);

CREATE TABLE metric_series (
    id UUID PRIMARY KEY NOT NULL,
    metric_id UUID NOT NULL REFERENCES metrics (id) ON DELETE CASCADE,
    -- JSON: names and values.
    labels TEXT NOT NULL,
    -- SHA-256 of the labels: what tells the series of a metric apart.
    labels_hash TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- The newest sample: milliseconds since 1970, and its value.
    last_at BIGINT NOT NULL,
    last_value DOUBLE PRECISION NOT NULL
);
CREATE UNIQUE INDEX metric_series_labels ON metric_series (metric_id, labels_hash);

-- A part of a series in one resolution: `domain/measures/sampling/resolution.rs` says how long each part is and is kept.
CREATE TABLE metric_chunks (
    series_id UUID NOT NULL REFERENCES metric_series (id) ON DELETE CASCADE,
    resolution INTEGER NOT NULL,
    chunk BIGINT NOT NULL,
    data BYTEA NOT NULL,
    -- Whether it has samples that are not rolled up yet.
    is_open BOOLEAN NOT NULL,
    PRIMARY KEY (series_id, resolution, chunk)
);
CREATE INDEX metric_chunks_open ON metric_chunks (is_open, resolution, chunk);
