//! Settings of a product: when a theme becomes a story, which gates a story must pass, how soon customers are answered.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::Calendar;
use crate::domain::base::calendar::{Weekday, parse_date};
use crate::domain::evaluations::licences::list_problem;
use crate::domain::privacy::redact::kinds::MaskKind;
use crate::domain::stories::priority::ScoreWeights;
use crate::refusal::FieldError;

/// The settings of a product. Absent fields have their defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProductSettings {
    /// A theme gets a draft story once it has feedback of this many distinct customers, or reaches `draft_items`.
    #[schema(minimum = 1, maximum = 100_000, default = 3)]
    pub draft_customers: i32,
    /// A theme gets a draft story once it has this many items, or reaches `draft_customers`.
    #[schema(minimum = 1, maximum = 100_000, default = 5)]
    pub draft_items: i32,
    /// How fine the themes are: 0 chooses the value from the data, otherwise from 1 (coarser) to 128 (finer).
    #[schema(minimum = 0, maximum = 128, default = 0)]
    pub granularity: f64,
    /// The response promise: the number of working days (Monday to Friday except `days_off`) within which a draft is accepted or
    /// declined.
    #[schema(minimum = 1, maximum = 365, default = 5)]
    pub response_days: i32,
    /// The checklist items that a story needs before it is `ready` or `released`.
    #[schema(max_items = 50)]
    pub gates: Vec<Gate>,
    /// The release train, if there is one.
    pub train: Option<Train>,
    /// The environment that customers use.
    #[schema(min_length = 1, max_length = 100, default = "production")]
    pub production_environment: String,
    /// What happens when an unshipped release is deployed to production: `hold` records the deployment and waits until
    /// somebody ships the release; `ship` ships it, and customers are told.
    #[schema(value_type = String, pattern = "^(hold|ship)$", default = "hold")]
    pub unshipped_release: UnshippedRelease,
    /// Branches whose merges count as done (`main`, `release/*`); the repository's default branch where the list is
    /// empty.
    #[schema(max_items = 50, value_type = Vec<BranchPattern>)]
    pub done_branches: Vec<String>,
    /// Whether the changelog of shipped releases can be read without a token.
    #[schema(default = true)]
    pub public_changelog: bool,
    /// Whether a person has to approve each report before it is sent, whatever its subscription says.
    #[schema(default = false)]
    pub approve_reports: bool,
    /// How many customers must answer "not solved" before a story is reopened.
    #[schema(minimum = 1, maximum = 100_000, default = 1)]
    pub reopen_threshold: i32,
    /// How many recurrences (new feedback on a released story) reopen a story.
    #[schema(minimum = 1, maximum = 100_000, default = 3)]
    pub recurrence_threshold: i32,
    /// Days after which a customer who was told and has not answered is reminded once; 0 for never.
    #[schema(minimum = 0, maximum = 365, default = 7)]
    pub reminder_days: i32,
    /// Days after which a customer's case expires without an answer.
    #[schema(minimum = 1, maximum = 365, default = 30)]
    pub expiry_days: i32,
    /// Minutes that a message to a customer waits before it is sent, so that it can be recalled; 0 sends it at once.
    #[schema(minimum = 0, maximum = 10_080, default = 10)]
    pub recall_minutes: i32,
    /// Whether customers who were told of a release are told that it was rolled back. `ask`: the story shows
    /// (`roll_back_to_tell`) that a member has to decide. `always` and `never` decide in advance.
    #[schema(value_type = String, pattern = "^(ask|always|never)$", default = "ask")]
    pub tell_roll_back: TellRollBack,
    /// Minutes within which the alerts of an incident that come back open it again. Later ones open a new incident.
    #[schema(minimum = 0, maximum = 10_080, default = 30)]
    pub settle_minutes: i32,
    /// Minutes within which the offer of an incident is accepted. Then it goes back to its owner, and is escalated.
    #[schema(minimum = 1, maximum = 10_080, default = 15)]
    pub hand_off_minutes: i32,
    /// The weights of further factors in the score of stories. A change re-ranks all stories shortly afterwards.
    #[schema(value_type = ScoreWeights)]
    pub score_weights: ScoreWeights,
    /// Licences that solutions may have, each as SPDX writes it (`MIT`, `GPL-2.0-only WITH Classpath-exception-2.0`). Where
    /// the list has any, all others are refused.
    #[schema(max_items = 200, value_type = Vec<LicenceName>)]
    pub allowed_licences: Vec<String>,
    /// Licences that solutions may not have. A story whose evaluation has chosen one can't become `ready` or `released`.
    #[schema(max_items = 200, value_type = Vec<LicenceName>)]
    pub denied_licences: Vec<String>,
    /// The tracker for issues of stories, if any.
    pub tracker: Option<Tracker>,
    /// The language of the sentences in messages to webhooks: `en` or `ko`. Where absent, it is the language of the
    /// story's title, or English.
    #[schema(pattern = "^(en|ko)$", example = "ko")]
    pub language: Option<String>,
    /// The IANA name of the time zone in which the team lives: promises, trains, rotas and figures count its days and
    /// hours.
    #[schema(min_length = 1, max_length = 60, default = "UTC", example = "Asia/Seoul")]
    pub time_zone: String,
    /// Dates on which the team does not work, beside Saturdays and Sundays, such as public holidays. A train on such a day
    /// leaves on the next working day.
    #[schema(max_items = 400, value_type = Vec<DayOff>)]
    pub days_off: Vec<String>,
    /// The kinds of personal data that are masked in the texts of new feedback before they are stored, by whichever way they
    /// come in. What is masked is lost. A change counts within two seconds; feedback that is stored already stays as it is.
    #[schema(max_items = 6, example = json!(["card", "resident_number"]))]
    pub mask_at_intake: Vec<MaskKind>,
}

/// A licence as SPDX writes it.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 200, example = "MIT")]
#[allow(dead_code, reason = "states the schema only")]
pub struct LicenceName(String);

/// A date, `2026-02-17`.
#[derive(ToSchema)]
#[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-02-17")]
#[allow(dead_code, reason = "states the schema only")]
pub struct DayOff(String);

impl Default for ProductSettings {
    fn default() -> Self {
        Self {
            draft_customers: 3,
            draft_items: 5,
            granularity: 0.0,
            response_days: 5,
            gates: Vec::new(),
            train: None,
            production_environment: "production".to_owned(),
            unshipped_release: UnshippedRelease::Hold,
            done_branches: Vec::new(),
            public_changelog: true,
            approve_reports: false,
            reopen_threshold: 1,
            recurrence_threshold: 3,
            reminder_days: 7,
            expiry_days: 30,
            recall_minutes: 10,
            tell_roll_back: TellRollBack::Ask,
            settle_minutes: 30,
            hand_off_minutes: 15,
            score_weights: ScoreWeights::default(),
            allowed_licences: Vec::new(),
            denied_licences: Vec::new(),
            tracker: None,
            language: None,
            time_zone: "UTC".to_owned(),
            days_off: Vec::new(),
            mask_at_intake: Vec::new(),
        }
    }
}

impl ProductSettings {
    /// The product's calendar. A time zone that this version does not know counts as UTC, and what is no date is left
    /// out; [`Self::problems`] refuses both.
    pub fn calendar(&self) -> Calendar {
        Calendar {
            zone: self.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC),
            days_off: self.days_off.iter().filter_map(|text| parse_date(text)).collect(),
        }
    }

    /// Errors that a schema cannot express: duplicate keys of gates, dates that do not exist, an unknown time zone.
    pub fn problems(&self) -> Vec<FieldError> {
        let mut keys = HashSet::new();
        let repeated = self.gates.iter().enumerate().filter(|(_, gate)| !keys.insert(&gate.key));
        let mut wrong: Vec<FieldError> = repeated
            .map(|(n, _)| {
                FieldError::new(format!("/settings/gates/{n}/key"), "repeated", "must be unique in the product")
            })
            .collect();
        if self.train.as_ref().is_some_and(|train| train.first().is_none()) {
            wrong.push(FieldError::new("/settings/train/starts_on", "format", "must be a date that exists"));
        }
        if self.time_zone.parse::<chrono_tz::Tz>().is_err() {
            let detail = "must be the name of a time zone, such as Asia/Seoul";
            wrong.push(FieldError::new("/settings/time_zone", "format", detail));
        }
        for (list, texts) in [("allowed_licences", &self.allowed_licences), ("denied_licences", &self.denied_licences)]
        {
            let problems = texts.iter().enumerate().filter_map(|(n, text)| Some((n, list_problem(text)?)));
            wrong
                .extend(problems.map(|(n, detail)| FieldError::new(format!("/settings/{list}/{n}"), "format", detail)));
        }
        let mut days = HashSet::new();
        for (n, text) in self.days_off.iter().enumerate() {
            let pointer = format!("/settings/days_off/{n}");
            match parse_date(text) {
                None => wrong.push(FieldError::new(pointer, "format", "must be a date that exists")),
                Some(day) if !days.insert(day) => {
                    wrong.push(FieldError::new(pointer, "repeated", "must not stand in the list twice"));
                }
                Some(_) => {}
            }
        }
        wrong
    }
}

crate::domain::names! {
    /// `ask`: the story shows (`roll_back_to_tell`) that a member has to decide. `always` and `never` decide in
    /// advance.
    pub enum TellRollBack { Ask "ask", Always "always", Never "never" }
}

crate::domain::names! {
    /// What happens when a release is deployed that has not been shipped.
    pub enum UnshippedRelease { Hold "hold", Ship "ship" }
}

/// The name of a branch, in which `*` stands for any text.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 200, pattern = "\\S")]
#[allow(dead_code, reason = "states the schema only")]
pub struct BranchPattern(String);

crate::domain::names! {
    /// The stage that a gate guards.
    pub enum GateStage { Ready "ready", Released "released" }
}

/// A checklist item that a story must pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// A key for programs; unique in the product.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,49}$", example = "security_review")]
    pub key: String,
    #[schema(min_length = 1, max_length = 300, example = "Security review")]
    pub title: String,
    /// The stage that cannot be entered until this is signed.
    pub stage: GateStage,
}

/// A release train: it leaves every few weeks on one weekday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Train {
    #[schema(minimum = 1, maximum = 26, example = 2)]
    pub every_weeks: i32,
    #[schema(inline)]
    pub weekday: Weekday,
    /// The first train leaves on this day or on the next such weekday; later trains are counted from there.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-05")]
    pub starts_on: String,
}

crate::domain::names! {
    /// The system that hosts the issue tracker.
    pub enum TrackerProvider { Github "github", Gitlab "gitlab" }
}

/// The issue tracker for a product's stories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tracker {
    #[schema(inline)]
    pub provider: TrackerProvider,
    /// `owner/name` on GitHub, the path of the project on GitLab.
    #[schema(min_length = 3, max_length = 300, pattern = "^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+$", example = "acme/app")]
    pub repository: String,
    /// Whether accepting a story creates its issue; otherwise a member requests it.
    #[serde(default)]
    pub automatic: bool,
}
