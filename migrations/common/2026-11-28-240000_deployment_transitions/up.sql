-- The version that was deployed, as its tag or name is written.
ALTER TABLE deployments ADD COLUMN tag TEXT;

-- The states that a deployment has had, a row each, so that a roll-back does not erase when it succeeded. A deployment that
-- two events of a system report, such as a published release and the deployment of its tag, has a row for each.
CREATE TABLE deployment_transitions (
    id UUID PRIMARY KEY NOT NULL,
    deployment_id UUID NOT NULL REFERENCES deployments (id),
    state TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    -- Whether it was inferred from another fact, such as a published release.
    inferred BOOLEAN NOT NULL,
    -- The id of the report in the other system.
    external_id TEXT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX deployment_transitions_of ON deployment_transitions (deployment_id, id);
CREATE INDEX deployment_transitions_external ON deployment_transitions (external_id) WHERE external_id IS NOT NULL;

-- Of earlier deployments only the last state is known.
INSERT INTO deployment_transitions (id, deployment_id, state, at, inferred, external_id, created_at)
SELECT id, id, state, deployed_at, FALSE, external_id, created_at FROM deployments;
