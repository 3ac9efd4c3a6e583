//! The team: members, tokens, products and internal notes.

automod::dir!(pub(in crate::http) "src/http/api/team");
