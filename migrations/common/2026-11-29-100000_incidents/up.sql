-- Incidents: something is broken or degraded for customers, or may be. Each has exactly one owner.
CREATE TABLE incidents (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    -- Counts from 1 within the product; shown as HB-INC-1.
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    summary TEXT,
    severity INTEGER NOT NULL,
    state TEXT NOT NULL,
    owner_id UUID NOT NULL REFERENCES members (id),
    -- Why this member owns it, as JSON: a key, and the id of the rota or the hand-off.
    owner_because TEXT NOT NULL,
    -- The affected services, as a JSON array of names.
    services TEXT NOT NULL,
    source TEXT NOT NULL,
    -- Alerts of the source with this key belong to it.
    join_key TEXT,
    recurrence_of UUID REFERENCES incidents (id),
    merged_into UUID REFERENCES incidents (id),
    -- How often its alerts came back within the settling time.
    flaps INTEGER NOT NULL,
    -- How many different alerts it has had, kept or not.
    alert_count INTEGER NOT NULL,
    detected_at TIMESTAMPTZ NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    acknowledged_at TIMESTAMPTZ,
    acknowledged_by UUID REFERENCES members (id),
    diagnosed_at TIMESTAMPTZ,
    mitigated_at TIMESTAMPTZ,
    resolved_at TIMESTAMPTZ,
    created_by UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (severity BETWEEN 1 AND 5),
    CHECK (state IN ('open', 'acknowledged', 'mitigated', 'resolved'))
);
CREATE UNIQUE INDEX incidents_number ON incidents (product_id, number);
CREATE INDEX incidents_key ON incidents (product_id, join_key, id) WHERE join_key IS NOT NULL;
-- Two alerts of one key that arrive at the same time never open two incidents.
CREATE UNIQUE INDEX incidents_active_key ON incidents (product_id, source, join_key)
    WHERE join_key IS NOT NULL AND state IN ('open', 'acknowledged');
CREATE INDEX incidents_unresolved ON incidents (product_id, id) WHERE state <> 'resolved';
CREATE INDEX incidents_owner ON incidents (owner_id, id);

-- Episodes of alerts: one alert from the time it fired until it was over.
CREATE TABLE incident_alerts (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    -- None where the alert was over before its firing was reported.
    incident_id UUID REFERENCES incidents (id),
    source TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    join_key TEXT NOT NULL,
    title TEXT NOT NULL,
    severity TEXT,
    -- Whether it says that the sender has no data, rather than that something is broken.
    no_data BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ,
    -- How often it was sent again without a change.
    repeats INTEGER NOT NULL,
    -- Its labels as a JSON object of texts.
    labels TEXT NOT NULL,
    url TEXT,
    received_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    CHECK (state IN ('firing', 'resolved'))
);
CREATE UNIQUE INDEX incident_alerts_episode ON incident_alerts (product_id, source, fingerprint, starts_at);
CREATE INDEX incident_alerts_of ON incident_alerts (incident_id, id);

-- The timeline.
CREATE TABLE incident_entries (
    id UUID PRIMARY KEY NOT NULL,
    incident_id UUID NOT NULL REFERENCES incidents (id),
    kind TEXT NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    entered_at TIMESTAMPTZ NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    text TEXT,
    -- Ids, names and numbers, as a JSON object.
    data TEXT NOT NULL
);
CREATE INDEX incident_entries_of ON incident_entries (incident_id, happened_at, id);

-- Offers to hand an incident to another member. The owner stays the owner until the other accepts.
CREATE TABLE incident_hand_offs (
    id UUID PRIMARY KEY NOT NULL,
    incident_id UUID NOT NULL REFERENCES incidents (id),
    from_id UUID NOT NULL REFERENCES members (id),
    to_id UUID NOT NULL REFERENCES members (id),
    reason TEXT NOT NULL,
    text TEXT,
    state TEXT NOT NULL,
    offered_by UUID,
    offered_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    -- The teams of both at the time of the offer: of the members where they have one, or else their roles.
    from_team TEXT NOT NULL,
    to_team TEXT NOT NULL,
    -- Whether the other had owned the incident before.
    is_back BOOLEAN NOT NULL,
    CHECK (from_id <> to_id)
);
CREATE INDEX incident_hand_offs_of ON incident_hand_offs (incident_id, id);
-- At most one open offer an incident.
CREATE UNIQUE INDEX incident_hand_offs_open ON incident_hand_offs (incident_id) WHERE state = 'offered';
CREATE INDEX incident_hand_offs_due ON incident_hand_offs (expires_at) WHERE state = 'offered';

-- What an incident has to do with: stories, themes, feedback, customers, deployments.
CREATE TABLE incident_links (
    id UUID PRIMARY KEY NOT NULL,
    incident_id UUID NOT NULL REFERENCES incidents (id),
    target_kind TEXT NOT NULL,
    target_id UUID NOT NULL,
    kind TEXT NOT NULL,
    how TEXT NOT NULL,
    confirmed_by UUID REFERENCES members (id),
    confirmed_at TIMESTAMPTZ,
    created_by UUID,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX incident_links_target ON incident_links (incident_id, target_kind, target_id, kind);
CREATE INDEX incident_links_to ON incident_links (target_id);
