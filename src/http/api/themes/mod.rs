//! Themes: groups of feedback with the same meaning, and corrections of them.

automod::dir!(pub(in crate::http) "src/http/api/themes");
