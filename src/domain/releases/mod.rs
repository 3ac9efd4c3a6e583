//! Ship: releases, deployments, trains and changelogs.

pub mod changelog;
pub(in crate::domain) mod deployment;
pub(in crate::domain) mod release;
pub(in crate::domain) mod train;
