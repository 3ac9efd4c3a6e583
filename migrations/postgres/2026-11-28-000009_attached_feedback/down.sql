DROP VIEW story_items;
DROP TABLE story_feedback;
