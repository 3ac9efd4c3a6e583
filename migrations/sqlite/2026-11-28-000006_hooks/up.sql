-- Links know why they are there, repositories keep theirs when they are renamed, and a deployment may be held or still
-- to come.

-- person, named or revert: what a name made goes when the name does.
ALTER TABLE links ADD COLUMN reason TEXT NOT NULL DEFAULT 'person';
UPDATE links SET reason = 'named' WHERE kind <> 'issue' AND EXISTS (
    SELECT 1 FROM events
    WHERE events.subject_id = links.id AND events.kind = 'link.created' AND events.actor = 'automation'
);

-- What a repository was called when it was last heard of, by what its provider knows it by.
CREATE TABLE repositories (
    provider TEXT NOT NULL,
    external_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (provider, external_id)
) WITHOUT ROWID;

-- Whether customers get it there, whatever the environment is called.
ALTER TABLE deployments ADD COLUMN production BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE deployments SET production = TRUE WHERE LOWER(environment) = LOWER(COALESCE(
    (SELECT json_extract(settings, '$.production_environment') FROM products WHERE products.id = deployments.product_id), 'production'
));
-- not_shipped or ambiguous: why it did not bring a release.
ALTER TABLE deployments ADD COLUMN held TEXT;
CREATE INDEX deployments_scheduled ON deployments (deployed_at) WHERE state = 'scheduled';

-- A deployment that came before anybody shipped the release.
ALTER TABLE releases ADD COLUMN held_deployment_id BLOB;

-- What was given up, to be counted and listed without reading all that arrived.
CREATE INDEX deliveries_dead ON deliveries (channel, ended_at) WHERE state = 'dead';
