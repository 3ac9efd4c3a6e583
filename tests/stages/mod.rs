//! Stages in motion: gates, trials, promises, releases, trains, deployments and what the changelog says of them.

mod changelog;
mod deadlines;
mod gates;
mod moving;
mod releases;
mod shipping;
mod team;
