//! Jobs of operations.

automod::dir!(pub "src/jobs/operations");
