-- One act on many items of feedback, which is done in parts and undone as a whole.
CREATE TABLE acts (
    id UUID PRIMARY KEY NOT NULL,
    -- The member, or the token of a service.
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    act TEXT NOT NULL,
    -- JSON: the parameters of the act, and the ids or the filters of the feedback.
    input TEXT NOT NULL,
    state TEXT NOT NULL,
    total BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    undone BIGINT NOT NULL,
    kept BIGINT NOT NULL,
    -- The last feedback that was handled.
    place UUID,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    undone_at TIMESTAMPTZ
);
CREATE INDEX acts_actor ON acts (actor_id, id);
CREATE INDEX acts_open ON acts (state, id);

-- The feedback that an act changed or was refused for, with what undoing it needs.
CREATE TABLE act_items (
    act_id UUID NOT NULL REFERENCES acts (id) ON DELETE CASCADE,
    feedback_id UUID NOT NULL,
    correction_id UUID,
    -- JSON: the tags that were added or removed, or why it was set aside before.
    was TEXT,
    -- Why it was refused.
    problem TEXT,
    undone BOOLEAN NOT NULL,
    PRIMARY KEY (act_id, feedback_id)
);
CREATE INDEX act_items_feedback ON act_items (feedback_id);
CREATE INDEX act_items_correction ON act_items (correction_id);
