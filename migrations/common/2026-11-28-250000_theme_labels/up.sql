-- The labels of a theme by language, each with whether a person set it: {"en": {"text": "Refund is late", "set": false}}.
ALTER TABLE themes ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';

-- Labels of both languages are made, and drafts that nobody edited are worded anew.
UPDATE themes SET stale = stale + 1 WHERE merged_into IS NULL;
