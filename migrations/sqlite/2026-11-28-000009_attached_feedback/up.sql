-- What people decided about one feedback and one story: it belongs to it although its theme does not, or it does not
-- although its theme does (taken_off).
CREATE TABLE story_feedback (
    story_id BLOB NOT NULL REFERENCES stories (id),
    feedback_id BLOB NOT NULL,
    taken_off BOOLEAN NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (story_id, feedback_id)
);
CREATE INDEX story_feedback_feedback ON story_feedback (feedback_id);

-- The evidence of each story as it is now: the feedback of its themes without what was taken off, and what was attached.
CREATE VIEW story_items AS
SELECT story_themes.story_id AS story_id, feedback.id AS feedback_id
FROM story_themes
JOIN feedback ON feedback.theme_id = story_themes.theme_id
WHERE feedback.state <> 'dismissed'
  AND NOT EXISTS (
    SELECT 1 FROM story_feedback
    WHERE story_feedback.story_id = story_themes.story_id AND story_feedback.feedback_id = feedback.id
      AND story_feedback.taken_off
  )
UNION ALL
SELECT story_feedback.story_id, story_feedback.feedback_id
FROM story_feedback
JOIN feedback ON feedback.id = story_feedback.feedback_id
WHERE feedback.state <> 'dismissed'
  AND NOT story_feedback.taken_off
  AND NOT EXISTS (
    SELECT 1 FROM story_themes
    WHERE story_themes.story_id = story_feedback.story_id AND story_themes.theme_id = feedback.theme_id
  );
