DROP TABLE draft_sources;
ALTER TABLE products DROP COLUMN refine_asked;
ALTER TABLE products DROP COLUMN refine_cold;
