//! Privacy: the access log, the data map and the ledger of erasures.

automod::dir!(pub "src/http/api/privacy");
