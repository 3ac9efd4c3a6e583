-- The members behind the accounts of OpenID Connect providers.
CREATE TABLE member_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    member_id UUID NOT NULL REFERENCES members (id),
    linked_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer, subject)
);
