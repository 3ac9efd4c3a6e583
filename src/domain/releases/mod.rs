//! Releases, deployments, release trains and changelogs.

automod::dir!(pub "../domain/releases");

pub use changelog::{ChangelogEntry, ChangelogQuery, ChangelogRelease, ChangelogSection, LanguageQuery, Quote};
pub use deployment::{
    Deployment, DeploymentHeld, DeploymentQuery, DeploymentState, DeploymentTransition, NewDeployment,
};
pub use release::{
    NewRelease, NewReleaseStories, Release, ReleaseEdit, ReleaseQuery, ReleaseState, ReleaseStory, RollBack, Section,
    Ship,
};
pub use train::{DepartingRelease, Departure, DepartureQuery};
