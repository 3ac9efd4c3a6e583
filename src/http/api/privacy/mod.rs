//! Privacy: the access log, the data map, the ledger of erasures, requests of persons, retention, breaches, consents and
//! checklists.

automod::dir!(pub "src/http/api/privacy");
