//! Jobs of operations: incidents and what follows from them.

automod::dir!(pub "src/jobs/operations");
