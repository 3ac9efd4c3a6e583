-- Whether the refinement that is due shall be a cold one, because a person asked for it, and how often one was asked for:
-- what is asked for while one runs is not done by it.
ALTER TABLE products ADD COLUMN refine_cold BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE products ADD COLUMN refine_asked INTEGER NOT NULL DEFAULT 0;

-- A sample of the feedback that each story was drafted from: it says what the story is about.
CREATE TABLE draft_sources (
    story_id UUID NOT NULL REFERENCES stories (id),
    feedback_id UUID NOT NULL,
    PRIMARY KEY (story_id, feedback_id)
);
