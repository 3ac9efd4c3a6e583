//! Rotas: the members of a team take turns to be on duty for a product. When each turn begins is computed in
//! `turns.rs`, who is on duty in `shifts.rs`.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};
use crate::domain::team::Weekday;

crate::domain::names! {
    /// The unit of the length of a turn.
    pub enum TurnUnit { Hour "hour", Day "day", Week "week", Month "month" }
}

/// Local times on some days of the week in which a rota has somebody on duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DutyWindow {
    /// The days on which it begins; all days if empty.
    #[serde(default)]
    #[schema(max_items = 7)]
    pub weekdays: Vec<Weekday>,
    /// The local time at which it begins.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "09:00")]
    pub from: String,
    /// The local time at which it ends: on the next day if it is not later than `from`.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "18:00")]
    pub to: String,
}

/// A local time `09:30`; midnight for what is none.
pub fn time_of_day(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap_or(NaiveTime::MIN)
}

/// A rota of a product.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Rota {
    pub id: Id,
    pub product_id: Id,
    #[schema(example = "First line")]
    pub name: String,
    /// IANA name of the time zone of all its local times.
    #[schema(example = "Asia/Seoul")]
    pub time_zone: String,
    /// The local date on which the first turn begins.
    pub start: NaiveDate,
    /// The unit of the length of a turn.
    pub every: TurnUnit,
    /// How many hours, days, weeks or months a turn takes.
    pub length: i32,
    /// The local time at which turns change. Turns of hours begin there and go on by the local clock.
    #[schema(example = "09:00")]
    pub hand_over: String,
    /// The members in the order of their turns.
    pub members: Vec<Id>,
    /// When somebody is on duty; always if empty.
    pub restrictions: Vec<DutyWindow>,
    /// The rotas of a product are asked in this order: the first with somebody on duty counts.
    pub layer: i32,
    /// Members whose turns others take, because they are deactivated or may no longer see the product.
    pub unavailable: Vec<Id>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A rota to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"product": "HB", "name": "First line", "time_zone": "Asia/Seoul", "start": "2026-03-02",
    "every": "week", "hand_over": "09:00", "members": ["0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d"]}))]
pub struct NewRota {
    /// Key or id of the product.
    #[schema(min_length = 1, max_length = 36)]
    pub product: String,
    #[schema(min_length = 1, max_length = 80, pattern = "\\S")]
    pub name: String,
    /// IANA name of the time zone of all its local times.
    #[schema(min_length = 1, max_length = 64, example = "Asia/Seoul")]
    pub time_zone: String,
    /// The local date on which the first turn begins.
    pub start: NaiveDate,
    /// The unit of the length of a turn.
    pub every: TurnUnit,
    /// How many hours, days, weeks or months a turn takes.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 52, default = 1)]
    pub length: i32,
    /// The local time at which turns change. Where the clock skips it, the turn begins when the clock goes on; where it
    /// occurs twice, at the first time.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "09:00")]
    pub hand_over: String,
    /// The members in the order of their turns: ids. A member may stand in it more than once.
    #[schema(min_items = 1, max_items = 50)]
    pub members: Vec<Id>,
    /// When somebody is on duty; always if empty.
    #[serde(default)]
    #[schema(max_items = 14)]
    pub restrictions: Vec<DutyWindow>,
    /// The rotas of a product are asked in this order: the first with somebody on duty counts.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 20, default = 1)]
    pub layer: i32,
}

fn one() -> i32 {
    1
}

/// The editable fields of a rota (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotaEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 80, pattern = "\\S")]
    pub name: String,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64)]
    pub time_zone: String,
    #[serde(default)]
    pub start: NaiveDate,
    #[serde(default = "week")]
    pub every: TurnUnit,
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 52)]
    pub length: i32,
    #[serde(default)]
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub hand_over: String,
    #[serde(default)]
    #[schema(min_items = 1, max_items = 50)]
    pub members: Vec<Id>,
    #[serde(default)]
    #[schema(max_items = 14)]
    pub restrictions: Vec<DutyWindow>,
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 20)]
    pub layer: i32,
}

fn week() -> TurnUnit {
    TurnUnit::Week
}

impl From<&Rota> for RotaEdit {
    fn from(rota: &Rota) -> Self {
        Self {
            name: rota.name.clone(),
            time_zone: rota.time_zone.clone(),
            start: rota.start,
            every: rota.every,
            length: rota.length,
            hand_over: rota.hand_over.clone(),
            members: rota.members.clone(),
            restrictions: rota.restrictions.clone(),
            layer: rota.layer,
        }
    }
}

/// The query parameters of the list of rotas.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RotaQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

crate::domain::names! {
    /// The state of an override. Only an accepted one changes who is on duty.
    pub enum OverrideState { Asked "asked", Accepted "accepted", Declined "declined", Withdrawn "withdrawn" }
}

/// A member is on duty for a period, in place of the member whose turn it is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RotaOverride {
    pub id: Id,
    pub rota_id: Id,
    /// Who is on duty.
    pub member_id: Id,
    /// The member who asked for it; `null` for a service.
    pub asked_by: Option<Id>,
    pub starts_at: Time,
    pub ends_at: Time,
    pub state: OverrideState,
    /// What the one who asked wrote.
    pub note: Option<String>,
    pub version: i32,
    pub created_at: Time,
    /// When it was accepted, declined or withdrawn.
    pub decided_at: Option<Time>,
}

/// An override to make: the caller takes a shift, or asks another member to.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-03T00:00:00Z"}))]
pub struct NewRotaOverride {
    /// Who is to be on duty: the caller if it is missing. Another member is asked first.
    #[serde(default)]
    pub member_id: Option<Id>,
    pub starts_at: Time,
    pub ends_at: Time,
    /// A line for the member who is asked.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

crate::domain::names! {
    /// Why somebody is on duty. `turn`: it is their turn. `override`: they took the shift. `passed_over`: the member whose
    /// turn it is can't take it, so the next one does. `nobody`: no member of the rota can.
    pub enum ShiftReason { Turn "turn", Override "override", PassedOver "passed_over", Nobody "nobody" }
}

/// A stretch of time with one member on duty, or a gap that somebody has to fill.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Shift {
    pub starts_at: Time,
    pub ends_at: Time,
    /// `null`: nobody is on duty.
    pub member_id: Option<Id>,
    pub because: ShiftReason,
    /// The member whose turn it would be, where another one is on duty.
    pub instead_of: Option<Id>,
    /// The override that put the member on duty.
    pub override_id: Option<Id>,
}

/// The shifts of a rota.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Shifts {
    pub data: Vec<Shift>,
}

/// The query parameters of the shifts of a rota.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ShiftQuery {
    /// From when on; now by default.
    #[param(inline)]
    pub from: Option<Time>,
    /// Until when; 14 days after `from` by default, 100 at the most.
    #[param(inline)]
    pub to: Option<Time>,
}

/// The query parameters of who is on duty.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OnCallQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: String,
    /// At which time; now by default.
    #[param(inline)]
    pub at: Option<Time>,
}

/// Who is on duty for a product.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OnCall {
    pub product_id: Id,
    pub at: Time,
    /// `null`: nobody is on duty.
    pub member_id: Option<Id>,
    /// The rota that they are on duty for.
    pub rota_id: Option<Id>,
    /// Until when, if nothing changes before; `null` where nobody is.
    pub until: Option<Time>,
    /// What each rota of the product says, in the order in which they are asked.
    pub rotas: Vec<RotaDuty>,
}

/// Who is on duty in one rota.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RotaDuty {
    pub rota_id: Id,
    pub name: String,
    /// `null` outside of its hours, and before it starts.
    pub shift: Option<Shift>,
}
