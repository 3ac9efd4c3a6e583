//! Jobs of privacy.

automod::dir!(pub "src/jobs/privacy");
