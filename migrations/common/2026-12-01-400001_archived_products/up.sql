-- A product that nobody works on any more is archived: it takes no feedback, and lists leave it out.
ALTER TABLE products ADD COLUMN archived_at TIMESTAMPTZ;
