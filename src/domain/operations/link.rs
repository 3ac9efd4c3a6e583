//! Links of incidents to stories, themes, feedback, customers and deployments.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// What a link of an incident leads to.
    pub enum IncidentTarget {
        Story "story", Theme "theme", Feedback "feedback", Customer "customer", Deployment "deployment",
    }
}

crate::domain::names! {
    /// What the target is to the incident: its cause, its fix, or something else that it is about.
    pub enum IncidentLinkKind { CausedBy "caused_by", FixedBy "fixed_by", About "about" }
}

crate::domain::names! {
    /// Where a link comes from: a person or system said so, or the program inferred it.
    pub enum IncidentLinkOrigin { Explicit "explicit", Inferred "inferred" }
}

/// A link of an incident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IncidentLink {
    pub id: Id,
    pub incident_id: Id,
    pub target_kind: IncidentTarget,
    pub target_id: Id,
    pub kind: IncidentLinkKind,
    pub how: IncidentLinkOrigin,
    /// The member who confirmed it; a link that a member made is confirmed by them.
    pub confirmed_by: Option<Id>,
    pub confirmed_at: Option<Time>,
    /// The member or service that made it.
    pub created_by: Option<Id>,
    pub created_at: Time,
}

/// A link to make.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"target_kind": "theme", "target_id": "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d"}))]
pub struct NewIncidentLink {
    pub target_kind: IncidentTarget,
    pub target_id: Id,
    /// `about` where absent. Only deployments and stories cause or fix incidents.
    #[serde(default = "about")]
    #[schema(required = false)]
    pub kind: IncidentLinkKind,
}

const fn about() -> IncidentLinkKind {
    IncidentLinkKind::About
}
