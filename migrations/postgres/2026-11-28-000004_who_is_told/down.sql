DROP TABLE left_behind;
DROP TABLE tell_choices;
DROP TABLE far_feedback;
DROP TABLE roll_backs;
ALTER TABLE story_evidence DROP COLUMN left_out;
ALTER TABLE closures DROP COLUMN send_at;
ALTER TABLE closures DROP COLUMN handed_at;
ALTER TABLE closures DROP COLUMN note;
ALTER TABLE closures DROP COLUMN kind;
