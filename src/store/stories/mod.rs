//! Plan and build: stories with their stages, gates, evidence, links and trials.

automod::dir!(pub "src/store/stories");
pub mod depending;
