//! Pages about customers and accounts: who they are, what they said, and what they were told. A file each.

automod::dir!(pub(in crate::http) "src/http/console/customers");
