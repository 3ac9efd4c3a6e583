-- What a text gives away beside its kind, as words: the sentiment, its source (`filed`, `derived`, `corrected`), and the
-- severity where it is derived (`negative derived high`). Null until a background job has read feedback from before this
-- migration. A severity that was filed or set stays in its own column.
ALTER TABLE feedback ADD COLUMN impression TEXT;
-- What the background job still has to look at. New rows are never in it, so that filing does not pay for it.
DROP INDEX feedback_unread;
CREATE INDEX feedback_unread ON feedback (id) WHERE kind_source IS NULL OR impression IS NULL;
-- What people edited, latest first: their corrections of kinds teach how to read new texts.
CREATE INDEX feedback_edited ON feedback (product_id, updated_at) WHERE edited <> '[]';
