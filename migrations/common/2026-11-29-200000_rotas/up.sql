-- Rotas: who is on duty for a product, in turns that change at a local time.
CREATE TABLE rotas (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    name TEXT NOT NULL,
    -- IANA name of the time zone.
    time_zone TEXT NOT NULL,
    -- The local date of the first turn.
    start_date TEXT NOT NULL,
    -- The length of a turn: so many hours, days, weeks or months.
    every TEXT NOT NULL,
    length INTEGER NOT NULL,
    -- The local time at which turns change.
    hand_over TEXT NOT NULL,
    -- JSON: the days of the week and local times of duty; an empty list is always.
    restrictions TEXT NOT NULL,
    -- Rotas of a product are asked in this order: the first with somebody on duty counts.
    layer INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX rotas_product ON rotas (product_id, layer, id);

-- The members of a rota in the order of their turns.
CREATE TABLE rota_members (
    rota_id UUID NOT NULL REFERENCES rotas (id),
    place INTEGER NOT NULL,
    member_id UUID NOT NULL REFERENCES members (id),
    PRIMARY KEY (rota_id, place)
);
CREATE INDEX rota_members_member ON rota_members (member_id);

-- A member is on duty for a while in the place of whoever's turn it is, once they have accepted.
CREATE TABLE rota_overrides (
    id UUID PRIMARY KEY NOT NULL,
    rota_id UUID NOT NULL REFERENCES rotas (id),
    member_id UUID NOT NULL REFERENCES members (id),
    -- Who asked for it; null for a service.
    asked_by UUID REFERENCES members (id),
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL,
    note TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ
);
CREATE INDEX rota_overrides_rota ON rota_overrides (rota_id, ends_at);
CREATE INDEX rota_overrides_member ON rota_overrides (member_id, state);
