-- The time zone in which the console shows times to a member; null means that of their browser.
ALTER TABLE members ADD COLUMN time_zone TEXT;

-- The passwords of members, as argon2id hashes.
CREATE TABLE passwords (
    member_id UUID PRIMARY KEY NOT NULL REFERENCES members (id),
    hash TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

-- Signed-in devices. A row is deleted when its device is signed out.
CREATE TABLE sessions (
    id UUID PRIMARY KEY NOT NULL,
    member_id UUID NOT NULL REFERENCES members (id),
    hash BYTEA NOT NULL UNIQUE,
    -- The browser, as it names itself, and the address it signed in from.
    agent TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_member ON sessions (member_id, id);

-- One-time links that let a person set a password. Without a member, the link makes the first admin.
CREATE TABLE invitations (
    id UUID PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    member_id UUID REFERENCES members (id),
    hash BYTEA NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

-- Failed sign-ins of the last day, by a hash of the e-mail address: also those of addresses that nobody has.
CREATE TABLE sign_in_attempts (
    id UUID PRIMARY KEY NOT NULL,
    account BYTEA NOT NULL,
    address TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_in_attempts_account ON sign_in_attempts (account, at);
CREATE INDEX sign_in_attempts_address ON sign_in_attempts (address, at);
