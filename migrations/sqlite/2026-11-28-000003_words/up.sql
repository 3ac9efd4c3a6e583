-- Words that leave the team: a story's and a release's texts in other languages, and which texts may go out.

-- A story's title, changelog entry and reason in a language.
CREATE TABLE story_texts (
    story_id BLOB NOT NULL REFERENCES stories (id),
    language TEXT NOT NULL,
    title TEXT,
    entry TEXT,
    reason TEXT,
    PRIMARY KEY (story_id, language)
);

-- A release's notes and reason in a language.
CREATE TABLE release_texts (
    release_id BLOB NOT NULL REFERENCES releases (id),
    language TEXT NOT NULL,
    notes TEXT,
    reason TEXT,
    PRIMARY KEY (release_id, language)
);

-- Which of a story's texts were found to quote nobody, or were confirmed by a person: hashes of the texts.
CREATE TABLE text_checks (
    story_id BLOB PRIMARY KEY NOT NULL REFERENCES stories (id),
    cleared TEXT NOT NULL,
    confirmed_by BLOB,
    confirmed_at BIGINT
);

-- Labels were one customer's sentence: they are composed anew, and with them the drafts that nobody edited.
UPDATE themes SET stale = stale + 1 WHERE merged_into IS NULL;
