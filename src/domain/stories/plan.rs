//! Plans: when stories can be done, computed from how long they take and what they need, in working days; and what a slip
//! of one story moves.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::dependency::LinkedStory;
use crate::domain::base::{Id, Money, Time};

/// Working days in a person-month of effort.
pub const DAYS_A_MONTH: f64 = 20.0;
/// The days of a story of which nobody said how long it takes.
pub const ASSUMED_DAYS: i64 = 5;

crate::domain::names! {
    /// Where the days of a story in a plan come from: `set` by a person, 20 a person-month of `effort`, `assumed` (5), or
    /// `none`, because the story is ready or comes from outside.
    pub enum DaysFrom { Set "set", Effort "effort", Assumed "assumed", None "none" }
}

/// The query parameters of a plan.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlanQuery {
    /// The day on which work begins, in the calendar of the product; today where absent.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-11-30")]
    pub from: Option<String>,
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Plan {
    /// The first working day.
    #[schema(example = "2026-11-30")]
    pub starts: String,
    /// The working day on which all of it is done; `null` where there is nothing to do.
    #[schema(example = "2026-12-11")]
    pub finishes: Option<String>,
    /// The number of working days.
    pub working_days: i64,
    /// What is to be done, in the order in which it can begin.
    pub items: Vec<PlannedItem>,
    /// The numbers of the stories on the critical path, and the titles of what is outside, in their order.
    pub critical_path: Vec<String>,
    /// Why dates may be wrong.
    pub doubts: Vec<PlanDoubt>,
}

crate::domain::names! {
    /// Why the dates of a plan may be wrong: `assumed`: nobody said how long a story takes; `undated`: something outside has
    /// no date; `past_due`: it should be there already; `declined`: a story that is needed was declined.
    pub enum DoubtReason { Assumed "assumed", Undated "undated", PastDue "past_due", Declined "declined" }
}

/// A reason why the dates of a plan may be wrong.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PlanDoubt {
    pub reason: DoubtReason,
    /// The number of the story, or the title of what is outside.
    #[schema(example = "HB-17")]
    pub of: String,
}

/// A story of a plan, or something outside.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PlannedItem {
    /// `null` for something outside, and for a story of a product that the caller may not see.
    pub story: Option<LinkedStory>,
    /// What is outside: its title.
    pub external: Option<String>,
    /// Whether it is a story of a product that the caller may not see.
    pub hidden: bool,
    /// How many working days it takes.
    pub days: i64,
    pub days_from: DaysFrom,
    /// The first and the last day of work, at the earliest.
    #[schema(example = "2026-11-30")]
    pub earliest_start: String,
    #[schema(example = "2026-12-02")]
    pub earliest_finish: String,
    /// The first and the last day of work at the latest, so that the whole plan is not later.
    #[schema(example = "2026-11-30")]
    pub latest_start: String,
    #[schema(example = "2026-12-02")]
    pub latest_finish: String,
    /// Working days that it can be late without moving the end of the plan.
    pub slack_days: i64,
    pub critical: bool,
    /// Working days from the day on which it is due to its earliest finish, where it is later; else 0.
    pub late_days: i64,
    /// Places in `items` of what it needs.
    pub needs: Vec<usize>,
}

/// A slip to try: by a number of working days, or to a day.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"days": 5}))]
pub struct TriedSlip {
    /// Working days of the story's product.
    #[schema(minimum = 1, maximum = 2000)]
    pub days: Option<i32>,
    /// A day in the calendar of the story's product, or a time.
    #[schema(min_length = 10, max_length = 40, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}", example = "2026-12-24")]
    pub to: Option<String>,
}

crate::domain::names! {
    /// Where the date of a story comes from: the unshipped release that it is in, its due date, or its plan.
    pub enum DateFrom { Release "release", Due "due", Plan "plan" }
}

/// What a slip would move. Nothing is changed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Slip {
    /// The story that slips, first, and each that would now ship before what it needs.
    pub stories: Vec<SlippedStory>,
    /// Stories that move and belong to products that the caller may not see.
    pub hidden_stories: usize,
    /// Releases that a moved story would miss.
    pub releases: Vec<SlippedRelease>,
    pub waiting: Waiting,
}

/// A story that a slip moves.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SlippedStory {
    pub story: LinkedStory,
    /// When it would have shipped.
    pub from: Time,
    pub date_from: DateFrom,
    /// When it ships now at the earliest; where it misses a train, when the next one leaves.
    pub to: Time,
    /// The numbers of the moved stories that it needs; none for the story that slips.
    pub because: Vec<String>,
    /// Whether its date was too early already before the slip.
    pub too_early_before: bool,
    /// Customers behind it.
    pub customer_count: i32,
}

/// A release that a slip hits.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SlippedRelease {
    pub release_id: Id,
    pub product_id: Id,
    #[schema(example = "1.4.0")]
    pub name: String,
    /// When it leaves.
    pub from: Time,
    /// The next train in which its moved stories are; `null` where the product has no train, so that somebody moves the
    /// release or takes the stories out of it.
    pub to: Option<Time>,
    /// The release of that train, where it is planned.
    pub to_release_id: Option<Id>,
    pub to_release: Option<String>,
    /// Whether it is a train.
    pub train: bool,
    /// The numbers of the stories that miss it.
    pub stories: Vec<String>,
}

/// Who waits for the stories that a slip moves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Waiting {
    /// Distinct customers.
    pub customers: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// The annual value of these accounts, a sum for each currency.
    pub annual_value: Vec<Money>,
    /// Accounts without a value.
    pub without_value: usize,
    /// The customers, most valuable first, at most 200; `null` for a caller who may not see customers.
    pub names: Option<Vec<WaitingCustomer>>,
}

/// A customer who waits.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WaitingCustomer {
    pub customer_id: Id,
    pub name: Option<String>,
    pub account_id: Option<Id>,
    #[schema(example = "Acme")]
    pub account: Option<String>,
    pub annual_value: Option<Money>,
    /// The numbers of the stories that they wait for.
    pub stories: Vec<String>,
}
