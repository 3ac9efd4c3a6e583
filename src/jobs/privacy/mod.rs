//! Privacy: writing the access log, and removing what retention rules no longer keep.

automod::dir!(pub "src/jobs/privacy");
