//! Stages of stories: gates, trials, promised response times, releases, trains, deployments and changelogs.

mod changelog;
mod deadlines;
mod gates;
mod moving;
mod releases;
mod shipping;
