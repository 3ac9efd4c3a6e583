-- Where a feedback's kind comes from: `filed` (given by whoever filed it), `derived` (from the text), `corrected` (by a
-- person). Null until a background job has looked at feedback from before this migration.
ALTER TABLE feedback ADD COLUMN kind_source TEXT;
-- Why it is no feedback about the product and is set aside: `auto_reply`, `bounce`, `spam`, `test` or `greeting`.
ALTER TABLE feedback ADD COLUMN set_aside TEXT;
-- What the background job still has to look at. New rows are never in it, so that filing does not pay for it.
CREATE INDEX feedback_unread ON feedback (id) WHERE kind_source IS NULL;
