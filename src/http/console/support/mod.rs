//! Pages on which support works: the inbox, what is near a text, search. A file each.

automod::dir!(pub(in crate::http) "src/http/console/support");
