//! Roles of members and tokens.

crate::domain::names! {
    /// The role of a token; `api/roles.csv` lists the roles of each operation.
    pub enum Role {
        Admin "admin", Product "product", Developer "developer", Support "support", Viewer "viewer", Ingest "ingest",
    }
}

impl Role {
    /// Whether a holder of this role may create a token with the other role. An admin may use any role, the others only
    /// their own or a lesser one.
    pub fn may_hand_out(self, other: Role) -> bool {
        self == Role::Admin || self == other || matches!(other, Role::Viewer | Role::Ingest)
    }
}
