//! Connected systems: hooks of GitHub and GitLab, CDEvents, links, issue trackers, traces.

mod cdevents;
mod fake_tracker;
mod field;
mod github;
mod gitlab;
mod held;
mod hosts;
mod issue_text;
mod links;
mod refused;
mod tracker;
mod transitions;

pub use hosts::{on_each_team, on_each_team_with, repository};
