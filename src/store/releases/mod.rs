//! Ship: releases, deployments, trains and changelogs.

pub mod deployments;
pub mod left_behind;
pub mod rows;
