//! Jobs of stories: deadlines and drafts of a language model.

automod::dir!(pub "src/jobs/stories");
