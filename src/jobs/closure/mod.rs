//! Jobs of closure: reminders and deadlines for customers' answers.

automod::dir!(pub "src/jobs/closure");
