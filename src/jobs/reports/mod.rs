//! Jobs of reports.

automod::dir!(pub "src/jobs/reports");
