//! The pages about privacy.

automod::dir!(pub(in crate::http) "src/http/console/privacy");
