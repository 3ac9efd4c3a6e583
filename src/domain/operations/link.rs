//! Links of incidents to stories, themes, feedback, customers and deployments.

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
