//! The timeline of an incident.

crate::domain::names! {
    /// The kind of an entry of a timeline.
    pub enum EntryKind {
        Alert "alert", Page "page", Ack "ack", HandOff "hand_off", Deployment "deployment", Feedback "feedback",
        Note "note", Diagnosis "diagnosis", Status "status", CustomerTold "customer_told", Swarm "swarm",
    }
}
