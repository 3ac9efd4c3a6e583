-- Who behind a story is told, who is not and why; messages that can be recalled; declines and roll-backs as rounds.

-- What a round tells: that the story is released, that it is declined, or that its release was rolled back.
ALTER TABLE closures ADD COLUMN kind TEXT NOT NULL DEFAULT 'release';
-- How the customer was told, in the words of who told them.
ALTER TABLE closures ADD COLUMN note TEXT;
-- When the support desk took it over; it is told once the desk says so.
ALTER TABLE closures ADD COLUMN handed_at BIGINT;
-- Its message leaves no earlier; until then it can be recalled.
ALTER TABLE closures ADD COLUMN send_at BIGINT;

-- Why a piece of frozen evidence asks for no answer: praise, noise, or probably not about the story.
ALTER TABLE story_evidence ADD COLUMN left_out TEXT;

-- The rounds whose customers were told of a release that was rolled back since, until somebody decides whether they hear
-- of that too.
CREATE TABLE roll_backs (
    story_id BLOB PRIMARY KEY NOT NULL REFERENCES stories (id),
    round INTEGER NOT NULL
);

-- Feedback that is far from its theme, with its likeness to the theme and the least that would have been near.
CREATE TABLE far_feedback (
    feedback_id BLOB PRIMARY KEY NOT NULL,
    theme_id BLOB NOT NULL,
    likeness DOUBLE NOT NULL,
    bar DOUBLE NOT NULL
);
CREATE INDEX far_feedback_theme ON far_feedback (theme_id);

-- What people decided about a customer of a story before they are told: left out, or included anyway.
CREATE TABLE tell_choices (
    story_id BLOB NOT NULL REFERENCES stories (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    choice TEXT NOT NULL,
    reason TEXT,
    decided_by BLOB,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (story_id, customer_id)
);
CREATE INDEX tell_choices_customer ON tell_choices (customer_id);

-- Stories that were in a release when it went to production and only waited for a gate: once that is signed, they are
-- released with it.
CREATE TABLE left_behind (
    story_id BLOB PRIMARY KEY NOT NULL REFERENCES stories (id),
    release_id BLOB NOT NULL REFERENCES releases (id),
    section TEXT NOT NULL,
    entry TEXT,
    left_at BIGINT NOT NULL
);
CREATE INDEX left_behind_release ON left_behind (release_id);
