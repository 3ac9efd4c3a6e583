//! What other systems send by themselves, and what is kept in step there: hooks of GitHub and GitLab, CDEvents, links,
//! issue trackers, traces.

mod cdevents;
mod field;
mod github;
mod gitlab;
mod held;
mod issue_text;
mod links;
mod refused;
mod team;
mod tracker;
mod tracker_words;
