//! Releases, deployments, release trains and changelogs.

pub mod changelog;
pub(in crate::domain) mod deployment;
pub(in crate::domain) mod release;
pub(in crate::domain) mod train;

pub use changelog::{ChangelogEntry, ChangelogQuery, ChangelogRelease, ChangelogSection, LanguageQuery, Quote};
pub use deployment::{Deployment, DeploymentHeld, DeploymentQuery, DeploymentState, NewDeployment};
pub use release::{
    NewRelease, NewReleaseStories, Release, ReleaseEdit, ReleaseQuery, ReleaseState, ReleaseStory, RollBack, Section,
    Ship,
};
pub use train::{DepartingRelease, Departure, DepartureQuery};
