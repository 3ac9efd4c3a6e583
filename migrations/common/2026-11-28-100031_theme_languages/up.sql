-- How many items of a theme are in each language, as JSON: {"en": 12, "ko": 5}.
ALTER TABLE themes ADD COLUMN languages TEXT NOT NULL DEFAULT '{}';
-- Existing themes are counted again.
UPDATE themes SET stale = stale + 1 WHERE size > 0;
