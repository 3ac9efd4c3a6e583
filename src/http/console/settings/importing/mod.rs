//! Imports in the settings: the list, one import, and the assistant for a file.

automod::dir!(pub(in crate::http) "src/http/console/settings/importing");
