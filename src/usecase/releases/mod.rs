//! Ship: releases, deployments, trains and changelogs.

pub mod changelog;
pub mod deployments;
pub mod lifecycle;
pub mod planning;
pub(in crate::usecase) mod reported;
pub(in crate::usecase) mod reverts;
pub mod trains;
