//! Stories: their stages, gates, evidence, links and trials.

automod::dir!(pub(in crate::http) "src/http/api/stories");
