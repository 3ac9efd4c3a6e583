//! Pages on which product works: the backlog and stories. A file each.

automod::dir!(pub(in crate::http) "src/http/console/product");
