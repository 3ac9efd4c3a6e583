//! Hand-offs: offers to take over an incident.

crate::domain::names! {
    /// Why an incident is offered to another member.
    pub enum HandOffReason {
        NotMine "not_mine", NeedSkill "need_skill", ShiftEnd "shift_end", Escalated "escalated", Other "other",
    }
}

crate::domain::names! {
    /// The state of an offer. `returned`: nobody accepted it in time.
    pub enum HandOffState {
        Offered "offered", Accepted "accepted", Declined "declined", Withdrawn "withdrawn", Returned "returned",
    }
}
