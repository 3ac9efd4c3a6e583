//! Jobs of feedback: filing, imports, and recognizing what earlier versions filed.

automod::dir!(pub "src/jobs/feedback");
