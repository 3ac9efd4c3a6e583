//! The settings, releases and the public changelog.

mod audit;
mod imports;
mod mornings;
mod releases;
mod team;
