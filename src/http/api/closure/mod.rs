//! Closure: the customers of a story, how they are told, and their answers.

automod::dir!(pub(in crate::http) "src/http/api/closure");
