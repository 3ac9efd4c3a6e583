//! Operations: incidents and what belongs to them.

automod::dir!(pub(in crate::http) "src/http/api/operations");
