ALTER TABLE themes DROP COLUMN languages;
