-- From a story to everyone who asked: releases, deployments, links, closures, and the outbox.

ALTER TABLE customers ADD COLUMN unsubscribed_at BIGINT;
-- Set when mail to them bounced; cleared when their address changes.
ALTER TABLE customers ADD COLUMN bounced_at BIGINT;

ALTER TABLE stories ADD COLUMN due_at BIGINT;
-- Until when a draft should be accepted or declined; null once it was.
ALTER TABLE stories ADD COLUMN respond_by BIGINT;
-- When it was first noticed that the promise was missed, so that the event is written once.
ALTER TABLE stories ADD COLUMN overdue_at BIGINT;
ALTER TABLE stories ADD COLUMN released_at BIGINT;
-- How often it was released: the number of the closures' round.
ALTER TABLE stories ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
-- Feedback on its themes said after its release.
ALTER TABLE stories ADD COLUMN recurrences INTEGER NOT NULL DEFAULT 0;
CREATE INDEX stories_respond_by ON stories (respond_by) WHERE respond_by IS NOT NULL;

-- The evidence a story was released with, round by round: it is frozen then.
CREATE TABLE story_evidence (
    story_id BLOB NOT NULL REFERENCES stories (id),
    round INTEGER NOT NULL,
    feedback_id BLOB NOT NULL,
    customer_id BLOB,
    PRIMARY KEY (story_id, round, feedback_id)
);
CREATE INDEX story_evidence_feedback ON story_evidence (feedback_id);

-- Feedback on a story's themes said after its release; each counts once.
CREATE TABLE recurrences (
    story_id BLOB NOT NULL REFERENCES stories (id),
    feedback_id BLOB NOT NULL,
    round INTEGER NOT NULL,
    noticed_at BIGINT NOT NULL,
    PRIMARY KEY (story_id, feedback_id)
);

-- Trials and demos with real customers.
CREATE TABLE trials (
    id BLOB PRIMARY KEY NOT NULL,
    story_id BLOB NOT NULL REFERENCES stories (id),
    kind TEXT NOT NULL,
    customer_id BLOB,
    tried_by TEXT,
    tried_at BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    note TEXT,
    recorded_by BLOB,
    created_at BIGINT NOT NULL
);
CREATE INDEX trials_story ON trials (story_id, id);

-- What a gate's item was signed off or overridden with; a later row for the same item goes before an earlier one.
CREATE TABLE signoffs (
    id BLOB PRIMARY KEY NOT NULL,
    story_id BLOB NOT NULL REFERENCES stories (id),
    gate TEXT NOT NULL,
    decision TEXT NOT NULL,
    member_id BLOB,
    evidence TEXT,
    reason TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX signoffs_story ON signoffs (story_id, id);

CREATE TABLE releases (
    id BLOB PRIMARY KEY NOT NULL,
    product_id BLOB NOT NULL REFERENCES products (id),
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    -- The train it goes with, if it goes with one.
    train_at BIGINT,
    planned_for BIGINT,
    notes TEXT,
    reason TEXT,
    frozen_at BIGINT,
    shipped_at BIGINT,
    -- Since when it is in production.
    deployed_at BIGINT,
    ended_at BIGINT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (product_id, name)
);
CREATE INDEX releases_product ON releases (product_id, id);

CREATE TABLE release_stories (
    release_id BLOB NOT NULL REFERENCES releases (id),
    story_id BLOB NOT NULL REFERENCES stories (id),
    -- added, changed, deprecated, removed, fixed or security: its section in the changelog
    section TEXT NOT NULL,
    entry TEXT,
    -- Set when it missed its train and moved to the next.
    moved_to BLOB,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (release_id, story_id)
);
CREATE INDEX release_stories_story ON release_stories (story_id);

CREATE TABLE deployments (
    id BLOB PRIMARY KEY NOT NULL,
    product_id BLOB NOT NULL REFERENCES products (id),
    release_id BLOB REFERENCES releases (id),
    environment TEXT NOT NULL,
    service TEXT,
    state TEXT NOT NULL,
    revision TEXT,
    url TEXT,
    source TEXT NOT NULL,
    external_id TEXT,
    deployed_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX deployments_product ON deployments (product_id, id);
CREATE INDEX deployments_release ON deployments (release_id);
CREATE UNIQUE INDEX deployments_external ON deployments (source, external_id) WHERE external_id IS NOT NULL;

-- Branches, commits, pull requests and issues that belong to a story.
CREATE TABLE links (
    id BLOB PRIMARY KEY NOT NULL,
    story_id BLOB NOT NULL REFERENCES stories (id),
    provider TEXT NOT NULL,
    repository TEXT NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    url TEXT,
    state TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (story_id, provider, repository, kind, reference)
);
CREATE INDEX links_reference ON links (provider, repository, kind, reference);

-- Deliveries of inbound hooks that were handled, so that each is handled once.
CREATE TABLE hook_deliveries (
    source TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (source, delivery_id)
);
CREATE INDEX hook_deliveries_received ON hook_deliveries (received_at);

-- One customer's case in one story, a row a round.
CREATE TABLE closures (
    id BLOB PRIMARY KEY NOT NULL,
    story_id BLOB NOT NULL REFERENCES stories (id),
    product_id BLOB NOT NULL REFERENCES products (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    round INTEGER NOT NULL,
    state TEXT NOT NULL,
    -- email, desk or agent
    channel TEXT NOT NULL,
    release_id BLOB,
    -- Whose to-do it is, where an agent tells the customer.
    assignee_id BLOB,
    -- What the customer said not to be solved, as feedback.
    feedback_id BLOB,
    reason TEXT,
    told_at BIGINT,
    reminded_at BIGINT,
    answered_at BIGINT,
    expires_at BIGINT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (story_id, customer_id, round)
);
CREATE INDEX closures_state ON closures (state, id);
CREATE INDEX closures_customer ON closures (customer_id, id);
CREATE INDEX closures_expires ON closures (expires_at) WHERE state = 'told';

-- Endpoints of others that are told what happens here.
CREATE TABLE webhooks (
    id BLOB PRIMARY KEY NOT NULL,
    url TEXT NOT NULL,
    description TEXT,
    -- Names of events, or prefixes like story.*; empty for all.
    events TEXT NOT NULL,
    product_id BLOB REFERENCES products (id),
    -- The origin whose tickets this desk owns: closures of customers from there are told through it.
    desk_origin TEXT,
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until BIGINT,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    disabled_reason TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- The outbox: what is to be sent outside, made from the event log by its one reader.
CREATE TABLE deliveries (
    id BLOB PRIMARY KEY NOT NULL,
    -- webhook, mail or tracker
    channel TEXT NOT NULL,
    -- The webhook, the closure, the customer a decline is told to, or the story.
    target_id BLOB NOT NULL,
    -- What it is about: deliveries of one target and one subject go out in order.
    subject_id BLOB NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at BIGINT NOT NULL,
    claimed_by TEXT,
    claimed_until BIGINT,
    last_status INTEGER,
    last_error TEXT,
    replay_of BLOB,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX deliveries_due ON deliveries (channel, next_attempt_at) WHERE state = 'pending';
CREATE INDEX deliveries_pending ON deliveries (target_id, id) WHERE state = 'pending';
CREATE INDEX deliveries_target ON deliveries (target_id, id);
CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE delivery_attempts (
    delivery_id BLOB NOT NULL REFERENCES deliveries (id),
    number INTEGER NOT NULL,
    at BIGINT NOT NULL,
    milliseconds INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    PRIMARY KEY (delivery_id, number)
);

-- How far a reader of the event log has come.
CREATE TABLE log_readers (
    name TEXT PRIMARY KEY NOT NULL,
    tx_id BIGINT NOT NULL,
    seq BIGINT NOT NULL
);

-- Keys this instance made for itself, such as the one that signs customers' links.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY NOT NULL,
    secret BLOB NOT NULL,
    created_at BIGINT NOT NULL
);

-- Which embedder made the vector: `builtin`, or the name of an external one.
ALTER TABLE feedback_vectors ADD COLUMN embedder TEXT NOT NULL DEFAULT 'builtin';

-- What external embedders said of items: kept beside what the engine made, so that a change of embedder is prepared in
-- the background and takes effect at once.
CREATE TABLE embeddings (
    feedback_id BLOB NOT NULL,
    embedder TEXT NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (feedback_id, embedder)
) WITHOUT ROWID;

-- What holds for the engine as a whole: by which embedder it compares.
CREATE TABLE engine_state (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Drafts asked of a language model: when, what came of it, and at which count of feedback to ask again.
CREATE TABLE llm_drafts (
    story_id BLOB PRIMARY KEY NOT NULL REFERENCES stories (id),
    asked_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    ask_again_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX llm_drafts_asked ON llm_drafts (asked_at);

-- What each refinement of a product did. The last choice of a granularity is the one that holds.
CREATE TABLE refinements (
    id BLOB PRIMARY KEY NOT NULL,
    product_id BLOB NOT NULL REFERENCES products (id),
    kind TEXT NOT NULL,
    -- Choices made by another embedder don't hold.
    embedder TEXT NOT NULL,
    items INTEGER NOT NULL,
    themes_before INTEGER NOT NULL,
    themes_after INTEGER NOT NULL,
    moved INTEGER NOT NULL,
    held_back INTEGER NOT NULL,
    granularity DOUBLE NOT NULL,
    agreement DOUBLE NOT NULL,
    choice TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX refinements_product ON refinements (product_id, id);

-- What a refinement would change in themes that people decided about.
CREATE TABLE proposals (
    id BLOB PRIMARY KEY NOT NULL,
    product_id BLOB NOT NULL REFERENCES products (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    -- The theme that would be merged away, split, or moved from.
    theme_id BLOB NOT NULL,
    -- The theme that would be merged into, or moved to.
    other_theme_id BLOB,
    numbers TEXT NOT NULL,
    refinement_id BLOB NOT NULL,
    correction_id BLOB,
    reason TEXT,
    decided_by BLOB,
    decided_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX proposals_product ON proposals (product_id, state, id);

-- The feedback that would move; none for a merge, which takes all there is.
CREATE TABLE proposal_items (
    proposal_id BLOB NOT NULL REFERENCES proposals (id),
    feedback_id BLOB NOT NULL,
    PRIMARY KEY (proposal_id, feedback_id)
) WITHOUT ROWID;
