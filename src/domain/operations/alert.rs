//! Alerts of monitoring systems.

crate::domain::names! {
    /// The state of an alert.
    pub enum AlertState { Firing "firing", Resolved "resolved" }
}
