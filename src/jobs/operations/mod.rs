//! Operations: bursts of feedback, offers that nobody accepted, paging, and the watchdog that looks after it.

automod::dir!(pub "src/jobs/operations");
