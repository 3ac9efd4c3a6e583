//! Privacy: writing the access log.

automod::dir!(pub "src/jobs/privacy");
