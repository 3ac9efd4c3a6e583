//! Jobs of themes: embedding, grouping, refining and describing.

automod::dir!(pub "src/jobs/themes");
