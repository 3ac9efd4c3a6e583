//! Pages on which product works: the backlog, stories and themes. A file each.

automod::dir!(pub(in crate::http) "src/http/console/product");
