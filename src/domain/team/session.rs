//! Signed-in devices, and the links that let a person set a password.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Role;
use crate::domain::base::{Id, Time};

/// The most signed-in devices that a list shows.
pub const SESSIONS_SHOWN: i64 = 100;

/// How long sessions last, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLifetime {
    /// Without a request, a session ends after this time.
    pub idle: i64,
    /// It ends after this time in any case.
    pub whole: i64,
}

/// A device on which a member is signed in to the console.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Session {
    pub id: Id,
    pub member_id: Id,
    /// The browser, as it names itself.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/145.0")]
    pub agent: String,
    /// The address that it signed in from.
    #[schema(example = "203.0.113.7")]
    pub address: String,
    pub created_at: Time,
    /// Time of the last use, to the minute.
    pub last_used_at: Time,
    /// When it ends, however much it is used.
    pub expires_at: Time,
}

crate::domain::names! {
    /// What a link to the console does: lets a person set a password, or opens the console of the demo.
    pub enum InvitationKind { Password "password", Demo "demo" }
}

/// A link to the console that was not used yet.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub id: Id,
    pub kind: InvitationKind,
    /// The member who sets a password; `None` for the link that makes the first admin.
    pub member_id: Option<Id>,
    pub created_at: Time,
    pub expires_at: Time,
}

/// The answer to an invitation. The link is shown only once, and only where it was not mailed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Invited {
    pub member_id: Id,
    pub role: Role,
    /// Whether the link was mailed to the member.
    pub mailed: bool,
    /// The link to pass on to the member; `null` if it was mailed.
    #[schema(example = "https://voice.example.com/console/invite/hbi_7QyN0c1k2v3w4x5y6z7A8B9C0D1E2F3G4H5I6J7K8L9")]
    pub link: Option<String>,
    pub expires_at: Time,
}
