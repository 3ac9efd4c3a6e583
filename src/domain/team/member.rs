//! Members of the team, and the tokens that they and their services use.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Role;
use crate::domain::base::{Id, Time};

/// A person of the team.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    pub id: Id,
    #[schema(example = "Jin Lee")]
    pub name: String,
    #[schema(example = "jin@example.com")]
    pub email: String,
    pub role: Role,
    /// The language of the console and of mails to this member.
    #[schema(example = "ko")]
    pub language: String,
    /// The time zone in which the console shows times (IANA); `null` for that of the browser.
    #[schema(example = "Asia/Seoul")]
    pub time_zone: Option<String>,
    /// Whether single keys are shortcuts in the console. Some people can't help hitting keys.
    pub shortcuts: bool,
    /// The team they work in: the figures of incidents say between which teams one bounced.
    #[schema(example = "payments")]
    pub team: Option<String>,
    /// Whether the member is active. An inactive member keeps their history, but their tokens no longer work.
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

/// The editable fields of a member (merge patch).
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
    /// The time zone in which the console shows times (IANA); `null` for that of the browser.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub time_zone: Option<String>,
    /// Whether single keys are shortcuts in the console.
    #[serde(default)]
    pub shortcuts: bool,
    /// The team they work in.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100, pattern = "\\S")]
    pub team: Option<String>,
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
            time_zone: m.time_zone.clone(),
            shortcuts: m.shortcuts,
            team: m.team.clone(),
            active: m.active,
        }
    }
}

/// The query parameters of the list of members.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MemberQuery {
    #[param(inline)]
    pub role: Option<Role>,
    pub active: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// An access token of the API. The secret is shown once, when the token is created; only its hash is stored.
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
    /// Time of the last use, to the minute.
    pub last_used_at: Option<Time>,
    pub revoked_at: Option<Time>,
    /// The products that it is limited to; empty if it is not limited.
    pub products: Vec<Id>,
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
    /// Keys or ids of the products that it is limited to: it finds nothing of others, and may do nothing for the whole
    /// instance. Without any it may do in each product what its member may. A service without products has no access to
    /// private products, unless its role is `admin`.
    #[serde(default)]
    #[schema(required = false, max_items = 100, example = json!(["PAY"]))]
    pub products: Vec<String>,
}

/// A token that was just created, with its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MintedToken {
    #[serde(flatten)]
    pub token: Token,
    /// The secret to send as `Authorization: Bearer ...`. It is shown only this once and not stored.
    #[schema(example = "hb_7QyN0c1k2v3w4x5y6z7A8B9C0D1E2F3G4H5I6J7K8L9")]
    pub secret: String,
}

/// The query parameters of the list of tokens.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TokenQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The caller, and what they may do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// The member the token belongs to; `null` for a service.
    pub member: Option<Member>,
    pub token: Token,
    /// Ids of the API operations that the token may call, in alphabetical order.
    #[schema(example = json!(["create_feedback", "list_feedback"]))]
    pub operations: Vec<&'static str>,
}
