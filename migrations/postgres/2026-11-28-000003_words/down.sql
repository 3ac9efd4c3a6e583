DROP TABLE text_checks;
DROP TABLE release_texts;
DROP TABLE story_texts;
