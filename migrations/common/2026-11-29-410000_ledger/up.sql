-- Commits that hooks of GitHub and GitLab reported, a row for each branch that they were pushed to, for the time from a commit
-- to its deployment. No name or address of an author is kept.
CREATE TABLE commits (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    provider TEXT NOT NULL,
    repository TEXT NOT NULL,
    branch TEXT NOT NULL,
    sha TEXT NOT NULL,
    committed_at TIMESTAMPTZ NOT NULL,
    -- The order on the branch: by push, and then by position in the push.
    pushed_at TIMESTAMPTZ NOT NULL,
    position INTEGER NOT NULL,
    -- A hash of the author in this repository.
    author TEXT,
    -- The number of the pull request with this commit.
    request TEXT
);
CREATE UNIQUE INDEX commits_once ON commits (product_id, provider, repository, branch, sha);
CREATE INDEX commits_pushed ON commits (product_id, pushed_at);

-- Pull requests and merge requests: when they were opened and merged.
CREATE TABLE pull_requests (
    id UUID PRIMARY KEY NOT NULL,
    product_id UUID NOT NULL REFERENCES products (id),
    provider TEXT NOT NULL,
    repository TEXT NOT NULL,
    number TEXT NOT NULL,
    head TEXT NOT NULL,
    base TEXT NOT NULL,
    opened_at TIMESTAMPTZ,
    merged_at TIMESTAMPTZ,
    -- The commit that it became on its base.
    merge_sha TEXT,
    seen_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX pull_requests_once ON pull_requests (product_id, provider, repository, number);
CREATE INDEX pull_requests_seen ON pull_requests (product_id, seen_at);

-- The changes that a reporter of a deployment named.
CREATE TABLE deployment_changes (
    deployment_id UUID NOT NULL REFERENCES deployments (id),
    sha TEXT NOT NULL,
    committed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (deployment_id, sha)
);
CREATE INDEX deployments_of_product ON deployments (product_id, deployed_at);
