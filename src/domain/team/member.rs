//! People of the team, and the tokens they and their services come with.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Actor, Id, Time};

crate::domain::names! {
    /// What a token may do; `api/roles.csv` states role by operation.
    pub enum Role {
        Admin "admin", Product "product", Developer "developer", Support "support", Viewer "viewer", Ingest "ingest",
    }
}

impl Role {
    /// Whether a holder of this role may give a token of the other: an admin any, the others their own or less.
    pub fn may_hand_out(self, other: Role) -> bool {
        self == Role::Admin || self == other || matches!(other, Role::Viewer | Role::Ingest)
    }
}

/// A person of the team.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    pub id: Id,
    #[schema(example = "Jin Lee")]
    pub name: String,
    #[schema(example = "jin@example.com")]
    pub email: String,
    pub role: Role,
    /// The language this member is written to in.
    #[schema(example = "ko")]
    pub language: String,
    /// A member who is not active keeps their history; their tokens no longer work.
    pub active: bool,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A member to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    #[schema(min_length = 1, max_length = 200, pattern = "\\S", example = "Jin Lee")]
    pub name: String,
    #[schema(format = "email", max_length = 320, example = "jin@example.com")]
    pub email: String,
    pub role: Role,
    #[serde(default = "english")]
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", default = "en")]
    pub language: String,
}

fn english() -> String {
    "en".to_owned()
}

/// What may be changed of a member (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub name: String,
    #[serde(default)]
    #[schema(format = "email", max_length = 320)]
    pub email: String,
    #[serde(default = "viewer")]
    pub role: Role,
    #[serde(default = "english")]
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    pub language: String,
    #[serde(default)]
    pub active: bool,
}

fn viewer() -> Role {
    Role::Viewer
}

impl From<&Member> for MemberEdit {
    fn from(m: &Member) -> Self {
        Self {
            name: m.name.clone(),
            email: m.email.clone(),
            role: m.role,
            language: m.language.clone(),
            active: m.active,
        }
    }
}

/// Which members a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MemberQuery {
    #[param(inline)]
    pub role: Option<Role>,
    pub active: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// What opens the API. The secret itself is shown once, when the token is created; only its hash is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Token {
    pub id: Id,
    #[schema(example = "zendesk")]
    pub name: String,
    pub role: Role,
    /// The member it belongs to; `null` for a service.
    pub member_id: Option<Id>,
    pub created_at: Time,
    pub expires_at: Option<Time>,
    /// To the minute.
    pub last_used_at: Option<Time>,
    pub revoked_at: Option<Time>,
}

/// A token to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    #[schema(min_length = 1, max_length = 100, example = "zendesk")]
    pub name: String,
    pub role: Role,
    pub member_id: Option<Id>,
    pub expires_at: Option<Time>,
}

/// A token just created, with its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MintedToken {
    #[serde(flatten)]
    pub token: Token,
    /// What to send as `Authorization: Bearer ...`. Shown this once and kept nowhere.
    #[schema(example = "hb_7QyN0c1k2v3w4x5y6z7A8B9C0D1E2F3G4H5I6J7K8L9")]
    pub secret: String,
}

/// Which tokens a list shows: all of them, in pages.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TokenQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// Who the caller is, and what they may do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// The member the token belongs to; `null` for a service.
    pub member: Option<Member>,
    pub token: Token,
    /// What the token may do: the operations of the API by their ids, in alphabetical order.
    #[schema(example = json!(["create_feedback", "list_feedback"]))]
    pub operations: Vec<&'static str>,
}

/// Who is calling: a verified token.
#[derive(Clone, Debug)]
pub struct Caller {
    pub token_id: Id,
    pub member_id: Option<Id>,
    pub role: Role,
}

impl Caller {
    /// As the event log names them.
    pub fn actor(&self) -> Actor {
        match self.member_id {
            Some(id) => Actor { kind: "member", id: Some(id) },
            None => Actor { kind: "service", id: Some(self.token_id) },
        }
    }
}
