//! Releases: releases, deployments, trains and changelogs.

pub(in crate::http) mod changelog;
pub(in crate::http) mod deployments;
pub(in crate::http) mod release_acts;
pub(in crate::http) mod resource;
